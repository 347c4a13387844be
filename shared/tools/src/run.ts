export { createToolbox } from './toolbox.ts';
export type { Toolbox } from './toolbox.ts';
export { ToolError } from './tool-error.ts';
export type { ToolContext, ToolOutput, ToolResources } from './tool-runner.ts';
export { CORPUS_LIMITS } from './corpus/corpus.ts';
export type { Corpus, CorpusDocument, CorpusLimits, CorpusPassage, Skipped } from './corpus/corpus.ts';
export { CorpusError } from './corpus/corpus-error.ts';
export { CorpusLimitsSetting } from './corpus/limits-setting.ts';
export { loadCorpus } from './corpus/load-corpus.ts';
