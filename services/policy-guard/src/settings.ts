import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';

export const Settings = ProcessSettings.extend({
  /** The rules file; the default allows reading the documents and calculating. */
  TROUPE_POLICY: z
    .string()
    .default(new URL('../policy.yaml', import.meta.url).pathname)
    .meta({ path: 'read' }),
});
