import { encode, INTAKE, LogLayout, messageId, RUN_TASK, USER } from '@troupe/contract';
import type { LoggedMessage } from './frames.ts';

const LAYOUT = new LogLayout(1);
export const TENANT = 'default';
export const runAt = (index: number): string => `019a1b2c-0000-7000-8000-${index.toString().padStart(12, '0')}`;
export const RUN = runAt(1);
export const DEADLINE = 100_000;

interface Line {
  from: string;
  to: string;
  ordinal: number;
  cause: string;
  task?: string;
  text?: string;
  deadlineAt?: number;
}

/** A shard in memory: messages get the next sequence, one per second. */
export class Shard {
  readonly log: LoggedMessage[] = [];

  add({ from, to, ordinal, cause, task = RUN_TASK, text = '', deadlineAt = DEADLINE }: Line, run = RUN): LoggedMessage {
    const seq = (this.log.at(-1)?.seq ?? 0) + 1;
    const subject = LAYOUT.message({ tenant: TENANT, run, task, from, to, ordinal });
    const bytes = encode({ id: messageId(from, task, ordinal), cause, text, budget: { deadlineAt } });
    const message = { subject, seq, at: seq * 1_000, bytes };
    this.log.push(message);
    return message;
  }

  begin(run = RUN): LoggedMessage {
    return this.add({ from: INTAKE, to: 'supervisor', ordinal: 0, cause: 'goal.1' }, run);
  }

  task(run = RUN): LoggedMessage {
    return this.add({ from: 'supervisor', to: 'writer', ordinal: 0, cause: 'intake.run.0' }, run);
  }

  answer(run = RUN): LoggedMessage {
    return this.add({ from: 'writer', to: 'supervisor', ordinal: 0, cause: 'supervisor.run.0' }, run);
  }

  end(run = RUN): LoggedMessage {
    return this.add({ from: 'supervisor', to: USER, ordinal: 1, cause: 'writer.run.0' }, run);
  }

  /** Four messages, nothing open. */
  whole(run = RUN): LoggedMessage[] {
    return [this.begin(run), this.task(run), this.answer(run), this.end(run)];
  }
}
