import { randomBytes } from 'node:crypto';
import type { Subscription } from '@nats-io/nats-core';
import { decode, encode, MalformedError, type Token } from '@troupe/contract';
import { z } from 'zod';
import { replicasSubject } from '../broker/access.ts';
import type { Bus } from '../bus/connect.ts';
import { listen } from '../bus/listen.ts';
import type { Unreadable } from '../bus/unreadable.ts';

const BEAT_MS = 500;
/** A replica that was not heard for so long is taken for dead: what it had comes again after the ack wait anyway. */
const GONE_MS = 2_500;
/** A beat that comes this late says that this process itself was not there. */
const STOOD_STILL_MS = 2 * BEAT_MS;
/** Those who are there answer a newcomer within this. */
const ANSWER_MS = 100;
/** More are not remembered: whoever has the role's seed may make them up. */
const REPLICAS_MAX = 256;

const Beat = z.object({
  id: z.string().regex(/^[0-9a-z]{9}-[0-9a-f]{12}$/),
  build: z.string().max(64),
  kind: z.enum(['hello', 'here', 'bye']),
});
type Beat = z.infer<typeof Beat>;

interface Seen {
  build: string;
  at: number;
}

/**
 * The replicas of a role, as this one hears of them: each says twice a second that it is there. Every shard has one of
 * them as its home, so that an actor is in one memory; with every other replica also pulling, they would take turns at
 * its messages and lose races for its log. That two believe to be the home for a moment costs such a race (A1) and
 * nothing else.
 *
 * While replicas of two builds are there, every one of them is at home everywhere: what one cannot read, or may not
 * complete, waits for the other.
 */
export class Replicas {
  readonly #bus: Bus;
  readonly #subject: string;
  readonly #build: string;
  /** Begins with the time: a newcomer is the last in the order, and takes over as little as can be. */
  readonly #id = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
  readonly #unreadable: Unreadable;
  readonly #onChange: () => void;
  readonly #others = new Map<string, Seen>();
  #beatAt = 0;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(bus: Bus, role: Token, options: { build: string; unreadable: Unreadable; onChange: () => void }) {
    this.#bus = bus;
    this.#subject = replicasSubject(role);
    this.#build = options.build;
    this.#unreadable = options.unreadable;
    this.#onChange = options.onChange;
  }

  /** Says hello; resolves when those who are there have had time to answer. */
  async start(): Promise<void> {
    this.#subscription = listen(this.#bus, this.#subject, this.#unreadable, ({ data }) => this.#heard(data));
    this.#say('hello');
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#timer.unref();
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  }

  /** After a reconnect: those who were heard before may be gone, others may be there. */
  hello(): void {
    if (this.#subscription === undefined) return;
    this.#believeAll(performance.now());
    this.#say('hello');
  }

  #believeAll(at: number): void {
    for (const seen of this.#others.values()) seen.at = at;
  }

  /** The others need not wait to find out. */
  stop(): void {
    if (this.#subscription === undefined) return;
    clearInterval(this.#timer);
    this.#say('bye');
    if (!this.#bus.nc.isClosed()) this.#subscription.unsubscribe();
    this.#subscription = undefined;
  }

  /** Whether replicas of two builds are there. */
  get isMixed(): boolean {
    return [...this.#others.values()].some(({ build }) => build !== this.#build);
  }

  /** Whether this process takes the messages of a shard. */
  isHomeOf(shard: number): boolean {
    if (this.isMixed) return true;
    const all = [...this.#others.keys(), this.#id].toSorted();
    return all[shard % all.length] === this.#id;
  }

  /** How many there are, this one included. */
  get size(): number {
    return this.#others.size + 1;
  }

  #say(kind: Beat['kind']): void {
    const beat: Beat = { id: this.#id, build: this.#build, kind };
    this.#bus.outbox.publishNow(this.#subject, encode(beat));
  }

  #beat(): void {
    this.#say('here');
    const now = performance.now();
    // Who stood still, or was away, has not read yet what was said meanwhile.
    if (now - this.#beatAt > STOOD_STILL_MS) this.#believeAll(now);
    this.#beatAt = now;
    const gone = [...this.#others].filter(([, { at }]) => now - at > GONE_MS);
    for (const [id] of gone) this.#others.delete(id);
    if (gone.length > 0) this.#onChange();
  }

  #heard(data: Uint8Array): void {
    const beat = Beat.safeParse(decode(data));
    if (!beat.success) throw new MalformedError('it is no beat of a replica');
    const { id, build, kind } = beat.data;
    if (id === this.#id) return;
    const known = this.#others.get(id);
    if (kind === 'bye') {
      if (this.#others.delete(id)) this.#onChange();
      return;
    }
    if (known === undefined && this.#others.size >= REPLICAS_MAX) return;
    this.#others.set(id, { build, at: performance.now() });
    if (kind === 'hello') this.#say('here');
    if (known?.build !== build) this.#onChange();
  }
}
