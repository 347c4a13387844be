import { headers, type Msg, type MsgHdrs } from '@nats-io/nats-core';
import type { RequestChannel } from '@troupe/nats';

interface Entry {
  subject: string;
  seq: number;
  bytes: Uint8Array;
}

/** What an append meets before the leader looks at it. */
type Trouble = { err_code: number; description: string } | 'the acknowledgement is lost';

/**
 * A cluster as a role sees it: one leader that decides appends, and reads that are answered by a server that lags behind.
 * Sequences begin at 11, as in a stream that others write to.
 */
export class LaggingCluster implements Pick<RequestChannel, 'request'> {
  readonly entries: Entry[] = [];
  /** So many reads see nothing of what is newest. */
  blindReads = 0;
  reads: string[] = [];
  appends = 0;
  /** For the next appends, in turn. */
  troubles: Trouble[] = [];

  async request(subject: string, payload: Uint8Array | string, given?: MsgHdrs): Promise<Msg> {
    await Promise.resolve();
    return given === undefined ? this.#read(subject) : this.#append(subject, payload, given);
  }

  /** Somebody else's message. */
  store(subject: string, bytes: Uint8Array): number {
    const seq = this.entries.length + 11;
    this.entries.push({ subject, seq, bytes: new Uint8Array(bytes) });
    return seq;
  }

  #append(subject: string, payload: Uint8Array | string, given: MsgHdrs): Msg {
    this.appends += 1;
    const trouble = this.troubles.shift();
    if (typeof trouble === 'object') return answer({ error: trouble });
    const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'm').exec(textOf(given))?.[1] ?? '';
    const filter = header('Nats-Expected-Last-Subject-Sequence-Subject');
    const last = this.#lastOn(filter)?.seq ?? 0;
    if (last !== Number(header('Nats-Expected-Last-Subject-Sequence')))
      return answer({ error: { err_code: 10071, description: `wrong last sequence: ${last}` } });
    if (this.#lastOn(subject) !== undefined)
      return answer({ error: { err_code: 10077, description: 'maximum messages per subject exceeded' } });
    const seq = this.store(subject, typeof payload === 'string' ? new TextEncoder().encode(payload) : payload);
    return trouble === undefined
      ? answer({ stream: 'RUNS_0', seq })
      : answer({ error: { err_code: 10008, description: 'JetStream system temporarily unavailable' } });
  }

  #read(subject: string): Msg {
    const place = subject.split('.').slice(5).join('.');
    this.reads.push(place);
    const isBlind = this.blindReads > 0;
    this.blindReads -= 1;
    const found = this.#lastOn(place, isBlind ? this.entries.slice(0, -1) : this.entries);
    if (found === undefined) return message(headers(404, 'Message Not Found'), new Uint8Array());
    const described = headers();
    described.set('Nats-Subject', found.subject);
    described.set('Nats-Sequence', String(found.seq));
    described.set('Nats-Time-Stamp', '2026-01-01T00:00:00Z');
    return message(described, found.bytes);
  }

  #lastOn(filter: string, entries: readonly Entry[] = this.entries): Entry | undefined {
    const tokens = filter.split('.');
    return entries.findLast(({ subject }) =>
      subject.split('.').every((token, index) => tokens[index] === '*' || tokens[index] === token),
    );
  }
}

/** An expectation is only known as the bytes that go on the wire. */
function textOf(given: MsgHdrs): string {
  const encoded: unknown = Reflect.apply(Reflect.get(given, 'encode'), given, []);
  return encoded instanceof Uint8Array ? Buffer.from(encoded).toString('latin1') : '';
}

const answer = (content: object): Msg => message(undefined, new TextEncoder().encode(JSON.stringify(content)));

function message(described: MsgHdrs | undefined, data: Uint8Array): Msg {
  const text = () => new TextDecoder().decode(data);
  return {
    subject: '_INBOX.1',
    sid: 1,
    data,
    ...(described === undefined ? {} : { headers: described }),
    respond: () => false,
    json: <T>(): T => JSON.parse(text()),
    string: text,
  };
}
