import { hash } from 'node:crypto';
import { encodeJson, subjects, type Token } from '@troupe/contract';
import type { DeadLetters } from '@troupe/actor';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';

/** Bytes of a letter's message that are kept; the digest tells which message it was. */
const LETTER_HEAD_BYTES_MAX = 64 * 1024;
const REASON_CHARS_MAX = 2_000;
const SUBJECT_CHARS_MAX = 1_000;

/**
 * Dead letters as JSON on `troupe.dead.<role>`: the subject, the reason, the head of the message in base64, and size
 * and SHA-256 of all of it. Any message can be buried, however large.
 */
export class NatsDeadLetters implements DeadLetters {
  readonly #channel: RequestChannel;
  readonly #role: Token;

  constructor(channel: RequestChannel, role: Token) {
    this.#channel = channel;
    this.#role = role;
  }

  async bury({ subject, seq, reason, bytes }: Parameters<DeadLetters['bury']>[0]): Promise<void> {
    const letter = {
      role: this.#role,
      subject: subject.slice(0, SUBJECT_CHARS_MAX),
      seq,
      reason: reason.slice(0, REASON_CHARS_MAX),
      bytes_total: bytes.length,
      sha256: hash('sha256', bytes, 'hex'),
      bytes_base64: Buffer.from(bytes.subarray(0, LETTER_HEAD_BYTES_MAX)).toString('base64'),
    };
    readPublishAck(await this.#channel.request(subjects.dead(this.#role), encodeJson(letter)));
  }
}
