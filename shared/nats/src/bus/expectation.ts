import { MsgHdrsImpl } from '@nats-io/nats-core';

/**
 * The one-writer expectation as headers (ADR-22 of nats-architecture): "the last message on these subjects has this
 * sequence". Encoded once, as the bytes that go on the wire.
 */
export class Expectation extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  constructor(subjects: string, lastSeq: number) {
    super();
    // Subjects are ASCII.
    this.#bytes = Buffer.from(
      `NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: ${lastSeq}\r\nNats-Expected-Last-Subject-Sequence-Subject: ${subjects}\r\n\r\n`,
      'latin1',
    );
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}
