import type { Rule } from '../rule.ts';
import type { RunLog, Step } from '../run-log.ts';

export const steps: Rule = {
  name: 'steps',
  promise: 'Each step is there once: all its parts, in order, with one time.',
  violations: (log) =>
    log.steps.flatMap((step) => faultsOf(log, step).map((fault) => `${step.actor} on ${step.cause}: ${fault}`)),
};

function faultsOf(log: RunLog, { outputs }: Step): string[] {
  const parts = outputs.map(({ message }): [number, number] => message.part ?? [0, 1]);
  const found = parts.map(([index, of]) => `${index} of ${of}`).join(', ');
  const counts = new Set(parts.map(([, of]) => of));
  const faults: string[] = [];
  if (parts.some(([index], place) => index !== place) || counts.size !== 1) faults.push(`it has the parts ${found}`);
  else if (outputs.some(({ message }) => log.isDue(message)) && !counts.has(parts.length))
    faults.push(`it has only the parts ${found}`);
  if (new Set(outputs.map(({ message }) => message.at)).size > 1) faults.push('its parts have different times');
  return faults;
}
