import { laterAckSubject } from '../bus/ack-subject.ts';

/** A pull request's batch, and some that are not of this consumer. */
const SEQUENCES_MAX = 4_096;

/**
 * What an empty delivery has cut off: through a service import it ends its pull request, and what the server had
 * delivered behind it on the same request arrives nowhere until its ack wait. The next delivery that arrives, or the
 * next heartbeat, says up to where there is something missing: it can be asked for at once.
 */
export class LostDeliveries {
  #empty: { seq: number; reply: string } | undefined;

  /** An empty delivery has arrived. */
  cutOff(seq: number, reply: string): void {
    this.#empty = { seq, reply };
  }

  /** Nothing is asked for any more. */
  forget(): void {
    this.#empty = undefined;
  }

  get isSearching(): boolean {
    return this.#empty !== undefined;
  }

  /**
   * The server has delivered all messages up to the sequence `end` for the first time, to this process or another one.
   * Where to refuse those that did not arrive here, so that they are delivered again: what the server does not wait for
   * it ignores; what another process has in hand comes twice, which costs a look into the log.
   */
  found(end: number, hasArrived: (seq: number) => boolean): string[] {
    const empty = this.#empty;
    if (empty === undefined || !(end >= empty.seq)) return [];
    this.#empty = undefined;
    const count = Math.min(end - empty.seq, SEQUENCES_MAX);
    return Array.from({ length: count }, (_, index) => empty.seq + 1 + index)
      .filter((seq) => !hasArrived(seq))
      .map((seq) => laterAckSubject(empty.reply, seq));
  }
}
