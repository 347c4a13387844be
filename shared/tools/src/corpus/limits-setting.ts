import { z } from 'zod';
import { CORPUS_LIMITS } from './corpus.ts';
import type { CorpusLimits } from './corpus.ts';

const bound = (name: keyof CorpusLimits) => z.int().positive().default(CORPUS_LIMITS[name]);

const Limits: z.ZodType<CorpusLimits> = z.strictObject({
  filesMax: bound('filesMax'),
  fileBytesMax: bound('fileBytesMax'),
  totalBytesMax: bound('totalBytesMax'),
  readBytesMax: bound('readBytesMax'),
  depthMax: bound('depthMax'),
  entriesMax: bound('entriesMax'),
  linesMax: bound('linesMax'),
  passagesMax: bound('passagesMax'),
  wordsMax: bound('wordsMax'),
  termsMax: bound('termsMax'),
});

/** Bounds of the corpus as an environment variable has them: a JSON object of those that are to differ, "{}" for none. */
export const CorpusLimitsSetting = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'Write the bounds as JSON, for example {"termsMax":200000}.' });
      return z.NEVER;
    }
  })
  .pipe(Limits);
