import { decode, idOfAddress, Message, parseRunSubject } from '@troupe/contract';
import type { Entry } from './memory/memory-stream.ts';

export interface Written {
  seq: number;
  to: string;
  message: Message;
}

/** What one role has written, in the order of the log. */
export function writtenBy(role: string, entries: readonly Entry[]): Written[] {
  return entries.flatMap(({ subject, seq, bytes }) => {
    const address = parseRunSubject(subject);
    if (address?.from !== role) return [];
    const message = Message.parse(decode(bytes));
    if (message.id !== idOfAddress(address)) throw new Error(`${subject} holds ${message.id}`);
    return [{ seq, to: address.to, message }];
  });
}

/** The same without what the time of a crash may change. */
export const withoutTime = (written: readonly Written[]) =>
  written.map(({ to, message: { at: _at, ...rest } }) => ({ to, ...rest }));

/**
 * What is wrong with the log of a role, as sentences: ordinals with gaps, steps that are not whole, inputs that were
 * not handled or handled twice, outputs of one step that were decided on different states or with different answers.
 */
export function faultsIn(role: string, inputs: readonly string[], entries: readonly Entry[], perRun = false): string[] {
  const written = writtenBy(role, entries);
  const actors = Map.groupBy(written, ({ message }) => (perRun ? message.run : `${message.run}/${message.task}`));
  const gaps = [...actors].flatMap(([actor, own]) =>
    own.flatMap(({ message }, index) =>
      message.id.endsWith(`.${index}`) ? [] : [`${actor}: ${message.id} is at place ${index}`],
    ),
  );
  const steps = Map.groupBy(written, ({ message }) => message.cause);
  const unasked = [...steps.keys()].flatMap((cause) => (inputs.includes(cause) ? [] : [`${cause} is no input`]));
  return [...gaps, ...unasked, ...inputs.flatMap((id) => faultsOfStep(id, steps.get(id) ?? []))];
}

function faultsOfStep(id: string, step: readonly Written[]): string[] {
  const last = step.at(-1);
  if (last === undefined) return [`${id} left no mark`];
  const [, of] = last.message.part ?? [0, 1];
  const indexes = step.map(({ message }) => message.part?.[0] ?? 0);
  const faults: string[] = [];
  if (step.length !== of || indexes.some((index, place) => index !== place))
    faults.push(`${id} has the outputs ${indexes.join(', ')} of ${of}`);
  if (new Set(step.map(({ message }) => message.at)).size > 1) faults.push(`${id} has outputs of different times`);
  const said = step.flatMap(({ message }) =>
    message.type === 'noted' && message.body.what.startsWith('{') ? [message.body.what] : [],
  );
  const bases = new Set(said.map((what) => what.replace(/"index":\d+/, '')));
  if (bases.size > 1) faults.push(`${id} was decided in parts: ${[...bases].join(' and ')}`);
  return faults;
}
