import { sentenceOf } from '../cli/failure.ts';

/** How long a check may take. */
const CHECK_MS_MAX = 30_000;

/** `note`: nothing is wrong, but somebody may want to know. */
export type Verdict = 'ok' | 'note' | 'failed';

/** What one check found. */
export interface Finding {
  check: string;
  verdict: Verdict;
  /** One sentence. */
  says: string;
  /** What to do about it; of what failed always. */
  change?: string;
  /** The figures behind the sentence, units last in their names; null is unknown. */
  facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Makes a check. What it throws, or that it takes longer than `timeoutMs`, is a finding too; `change` is then what to do. */
export async function checked(
  check: string,
  change: string,
  work: () => Promise<Finding> | Finding,
  timeoutMs: number = CHECK_MS_MAX,
): Promise<Finding> {
  const { promise: late, resolve } = Promise.withResolvers<Finding>();
  const tooLong = () => resolve({ check, verdict: 'failed', says: `no answer within ${timeoutMs / 1_000} s`, change });
  const timer = setTimeout(tooLong, timeoutMs);
  try {
    return await Promise.race([Promise.resolve().then(work), late]);
  } catch (error) {
    return { check, verdict: 'failed', says: sentenceOf(error), change };
  } finally {
    clearTimeout(timer);
  }
}
