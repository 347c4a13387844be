import { z } from 'zod';

/** What the archiver reads from its environment, beside what every process reads. */
export const Settings = z.object({
  /** How long a run stays in its shard after its end, in ms. In the archive it is from its end on. */
  TROUPE_ARCHIVE_KEEP_MS: z.coerce.number().int().min(1_000).max(2_592_000_000).default(3_600_000),
});
