import { encodeJson, subjects, type Token } from '@troupe/contract';
import type { DeadLetters } from '@troupe/actor';
import { readPublishAck } from '../bus/publish-ack.ts';
import type { RequestChannel } from '../bus/request-channel.ts';

const LETTER_BYTES_MAX = 900 * 1024;

/** Dead letters as JSON on `troupe.dead.<role>`: the subject, the reason, and the bytes in base64. */
export class NatsDeadLetters implements DeadLetters {
  readonly #channel: RequestChannel;
  readonly #role: Token;

  constructor(channel: RequestChannel, role: Token) {
    this.#channel = channel;
    this.#role = role;
  }

  async bury(letter: { subject: string; seq: number; bytes: Uint8Array; reason: string }): Promise<void> {
    const { subject, seq, reason, bytes } = letter;
    const body = { role: this.#role, subject, seq, reason, bytes_base64: Buffer.from(bytes).toString('base64') };
    readPublishAck(await this.#channel.request(subjects.dead(this.#role), encodeJson(body, LETTER_BYTES_MAX)));
  }
}
