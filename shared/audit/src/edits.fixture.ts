import { Message } from '@troupe/contract';
import type { Line } from './log.fixture.ts';

/** A fault that is planted in a log: changes its lines, or gives others. */
export type Change = (lines: Line[]) => Line[] | void;

/** The message with this ID. */
export function at(lines: readonly Line[], id: string): Line {
  const found = lines.find(({ message }) => message.id === id);
  if (found === undefined) throw new Error(`the log has no ${id}`);
  return found;
}

/** The log without one message. */
export const without = (id: string) => (lines: Line[]) => lines.filter(({ message }) => message.id !== id);
/** Changes one message; the place of it stays. */
export const edit =
  (id: string, change: object): Change =>
  (lines) =>
    void (at(lines, id).message = Message.parse({ ...at(lines, id).message, ...change }));

export const editBody =
  (id: string, change: object): Change =>
  (lines) => {
    const { message } = at(lines, id);
    return edit(id, { body: { ...message.body, ...change } })(lines);
  };
/** The last message of a role again with the next ordinal, changed. */
export const repeat =
  (id: string, ordinal: number, change: object = {}, place: Partial<Line> = {}): Change =>
  (lines) => {
    const line = at(lines, id);
    const [from, task] = id.split('.');
    const message = Message.parse({ ...line.message, ...change, id: `${from}.${task}.${ordinal}` });
    return [...lines, { ...line, ...place, ordinal, message }];
  };
