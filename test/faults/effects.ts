import type { Effect } from '@troupe/audit';

/** One line of the notes file: an effect as it really happened. */
export interface Line {
  run: string;
  call: string;
  text: string;
}

/** The task that a note of the scripted model is from: its text is the ID of the question, `<run>/<role>.<task>/<input>`. */
const taskOf = ({ text }: Line): string => text.split('/')[1]?.split('.')[1] ?? '?';

export interface EffectsFound {
  done: number;
  runsPerCallMax: number;
  differences: string[];
}

/** Holds the ledger against the world: each applied effect is there once, each unknown at most once, no other. Pure. */
export function compareEffects(ledger: readonly Effect[], lines: readonly Line[]): EffectsFound {
  const done = Map.groupBy(lines, (line) => `${line.run} ${taskOf(line)} ${line.call}`);
  const known = new Map(ledger.map((effect) => [`${effect.run} ${effect.task} ${effect.call}`, effect]));
  const missing = [...known].flatMap(([call, { outcome }]) =>
    outcome === 'applied' && !done.has(call) ? [`${call} is applied in the ledger and was not done`] : [],
  );
  const extra = [...done.keys()].flatMap((call) => {
    const outcome = known.get(call)?.outcome;
    if (outcome === 'applied' || outcome === 'unknown') return [];
    return [`${call} was done and is ${outcome ?? 'nowhere'} in the ledger`];
  });
  const most = [...done.values()].map((same) => same.length);
  return { done: done.size, runsPerCallMax: Math.max(0, ...most), differences: [...missing, ...extra] };
}
