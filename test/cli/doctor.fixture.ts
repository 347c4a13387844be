import { join } from 'node:path';
import { Command, ROOT } from './command.fixture.ts';
import { z } from 'zod';

const Report = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      check: z.string(),
      verdict: z.enum(['ok', 'note', 'failed']),
      says: z.string(),
      change: z.string().optional(),
      facts: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
type DoctorFinding = z.infer<typeof Report>['findings'][number];

/** What `npx troupe doctor` said, and how it ended. */
export interface Examined {
  code: number;
  out: string;
  err: string;
}

/** Settings of the machine that runs the tests which would say whom to ask. */
const NOBODY = {
  TROUPE_MODEL_PROVIDER: '',
  TROUPE_MODEL: '',
  TROUPE_MODELS: '',
  ANTHROPIC_API_KEY: '',
  ANTHROPIC_BASE_URL: '',
  OPENAI_API_KEY: '',
  OPENAI_BASE_URL: '',
  TROUPE_OPENAI_API: '',
  NODE_OPTIONS: '',
};
/** Nothing listens there. */
const NOWHERE = { NATS_URL: 'nats://127.0.0.1:1', TROUPE_AUTH_DIR: '/nowhere/auth' };

export async function examine(words: readonly string[], env: Record<string, string> = {}): Promise<Examined> {
  const command = new Command([join(ROOT, 'scripts', 'troupe.mjs'), 'doctor', ...words], {
    ...NOBODY,
    ...NOWHERE,
    ...env,
  });
  const code = await command.exited;
  return { code, out: command.out, err: command.err };
}

/** The findings of `--json` by check; the exit code says the same as they do. */
export async function findings(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Map<string, DoctorFinding>> {
  const { code, out, err } = await examine([...words, '--json'], env);
  const report = Report.safeParse(JSON.parse(out || 'null'));
  if (!report.success) throw new Error(`no report: ${out}\n${err}`);
  const { ok, findings: found } = report.data;
  const isWell = found.every(({ verdict }) => verdict !== 'failed');
  if (ok !== isWell || code !== (isWell ? 0 : 1)) throw new Error(`exit ${code}, ok ${ok}: ${out}`);
  return new Map(found.map((one) => [one.check, one]));
}

/** Sends what would go to the default addresses to local servers, below the SDKs. */
export const redirected = (origins: Readonly<Record<string, string>>): Record<string, string> => ({
  NODE_OPTIONS: `--import ${join(ROOT, 'test', 'models', 'redirect.fixture.ts')}`,
  TROUPE_TEST_REDIRECT: JSON.stringify(origins),
});
