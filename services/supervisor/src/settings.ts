import { ProcessSettings } from '@troupe/nats';
import { z } from 'zod';

export const Settings = ProcessSettings.extend({
  /** The roles' declarations as JSON, written by whoever starts the company. */
  TROUPE_ROLES: z.string().default('.troupe/roles.json').meta({ path: 'read' }),
});
