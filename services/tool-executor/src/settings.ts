import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';

export const Settings = ProcessSettings.extend({
  /** The folder that search_documents and read_document see. */
  TROUPE_DOCS: z.string().default('.').meta({ path: 'read' }),
  /** Where tools that write put their files. */
  TROUPE_DATA: z.string().default('.troupe').meta({ path: 'write' }),
});
