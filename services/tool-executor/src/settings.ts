import { ProcessSettings } from '@troupe/nats';
import { CorpusLimitsSetting } from '@troupe/tools/run';
import { z } from 'zod';

export const Settings = ProcessSettings.extend({
  /** The folder that search_documents and read_document see. */
  TROUPE_DOCS: z.string().default('.').meta({ path: 'read' }),
  /** Bounds of the documents that are kept in memory, as JSON: those that are to differ. */
  TROUPE_DOCS_LIMITS: CorpusLimitsSetting.prefault('{}'),
  /** Where tools that write put their files. */
  TROUPE_DATA: z.string().default('.troupe').meta({ path: 'write' }),
});
