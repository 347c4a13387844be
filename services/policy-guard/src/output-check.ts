import { type MessageOf, type Outgoing, REPORT_CHARS_MAX } from '@troupe/contract';

/** What the output check works with. */
export interface CheckConfig {
  /** Replaces what must not leave; returns how many places were masked. */
  mask(text: string): { text: string; masked: number };
}

/** What leaves is masked, and may only cite sources that it has. */
export function outputCheck(config: CheckConfig, input: MessageOf<'output.proposed'>): Outgoing[] {
  const { markdown, sources } = input.body;
  const base = { to: 'supervisor', task: input.task, budget: input.budget, integrity: input.integrity };
  const dangling = [...markdown.matchAll(/\[(\d{1,4})\]/g)]
    .map(([, digits]) => Number(digits))
    .filter((n) => n < 1 || n > sources.length);
  if (dangling.length > 0) {
    const reason = `The report cites sources that it does not have: ${[...new Set(dangling)].map((n) => `[${n}]`).join(', ')}.`;
    return [{ ...base, type: 'output.refused', body: { reason } }];
  }
  const { text, masked } = config.mask(markdown);
  return [{ ...base, type: 'output.approved', body: { markdown: text.slice(0, REPORT_CHARS_MAX), masked } }];
}
