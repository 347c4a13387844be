import { readFileSync } from 'node:fs';
import { digestArguments, grantVerifier } from '@troupe/signing';
import { grantKeyFiles, launch, ProcessSettings, readSettings, runActor } from '@troupe/nats';
import { CorpusLimitsSetting, createToolbox, loadCorpus } from '@troupe/tools/run';
import { z } from 'zod';
import { toolExecutor } from './decide.ts';
import { toolPerformer } from './perform.ts';
import { role } from './role.ts';

const Settings = ProcessSettings.extend({
  /** The folder that search_documents and read_document see. */
  TROUPE_DOCS: z.string().default('.'),
  /** Bounds of the documents that are kept in memory, as JSON: those that are to differ. */
  TROUPE_DOCS_LIMITS: CorpusLimitsSetting.prefault('{}'),
  /** Where tools that write put their files. */
  TROUPE_DATA: z.string().default('.troupe'),
});

launch(async () => {
  const settings = readSettings(Settings, process.env);
  const corpus = await loadCorpus(settings.TROUPE_DOCS, settings.TROUPE_DOCS_LIMITS);
  const toolbox = createToolbox({ corpus, dataFolder: settings.TROUPE_DATA });
  const verify = grantVerifier(readFileSync(grantKeyFiles(settings.TROUPE_AUTH_DIR).publicKey, 'utf8'));
  const { log } = await runActor({
    role,
    decider: toolExecutor({ verify, digest: digestArguments }),
    performer: () => toolPerformer(toolbox, () => Date.now()),
  });
  log.info({ documents: corpus.documents.size, skipped: corpus.skipped.length }, 'documents loaded');
});
