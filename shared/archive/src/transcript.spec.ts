import { deflateRawSync } from 'node:zlib';
import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { chainStart } from './chain.ts';
import type { LoggedMessage } from './frames.ts';
import { RUN, runAt, Shard, TENANT } from './log.fixture.ts';
import { BrokenArchiveError, decodePart, encodePart, PART_BYTES_MAX, partsOf } from './part.ts';
import { readTranscript } from './transcript.ts';

const REF = { tenant: TENANT, run: RUN };

/** The parts of a log, cut where `sizes` say. */
function archive(log: readonly LoggedMessage[], ...sizes: number[]): Uint8Array[] {
  let from = chainStart(REF);
  let start = 0;
  return sizes.map((size, part) => {
    const { header, bytes } = encodePart(REF, { part, from }, log.slice(start, start + size));
    from = header.to;
    start += size;
    return bytes;
  });
}

/** The same part with another header and its own body. */
function withHeader(bytes: Uint8Array, change: object): Uint8Array {
  const end = bytes.indexOf(0x0a);
  const header: unknown = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString());
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(Object.assign({}, header, change))}\n`),
    bytes.subarray(end + 1),
  ]);
}

describe('a transcript', () => {
  it('gives back every message as it was, from one part or from several', () => {
    const log = new Shard().whole();
    expect(readTranscript(REF, archive(log, 4))).toMatchObject({ log, parts: 1 });
    expect(readTranscript(REF, archive(log, 1, 2, 1))).toMatchObject({ log, parts: 3 });
  });

  it('ends in the same digest however it is cut, and in another one when anything of it is another', () => {
    const log = new Shard().whole().map((message) => ({ ...message, seq: message.seq * 10 }));
    const { to } = readTranscript(REF, archive(log, 4));
    expect(readTranscript(REF, archive(log, 2, 2)).to).toBe(to);
    const digests = log.flatMap((message, index) =>
      [{ seq: message.seq + 1 }, { at: 1 }, { subject: `${message.subject}0` }, { bytes: new Uint8Array(3) }].map(
        (change) => readTranscript(REF, archive(log.with(index, { ...message, ...change }), 4)).to,
      ),
    );
    expect(new Set([to, ...digests]).size).toBe(1 + 4 * log.length);
  });

  it('is not there for a run without parts', () => {
    expect(readTranscript(REF, [])).toEqual({ log: [], parts: 0, to: chainStart(REF) });
  });

  property.prop([
    fc.array(fc.record({ subject: fc.string(), seq: fc.nat(), at: fc.nat(), bytes: fc.uint8Array() }), {
      minLength: 1,
    }),
  ])('keeps whatever bytes and subjects there are', (messages) => {
    const log = messages.map((message, index) => ({
      ...message,
      subject: message.subject.toWellFormed(),
      seq: index + 1,
    }));
    const { bytes } = encodePart(REF, { part: 0, from: chainStart(REF) }, log);
    expect(decodePart(bytes).log.map((message) => ({ ...message, bytes: Uint8Array.from(message.bytes) }))).toEqual(
      log,
    );
  });
});

describe('an archive that was tampered with', () => {
  const log = new Shard().whole();
  const parts = archive(log, 2, 2);
  const [first = new Uint8Array(), second = new Uint8Array()] = parts;
  const [other = new Uint8Array()] = archive([...log.slice(0, 1), ...log.slice(2)], 2);

  it.each<[string, Uint8Array[], string]>([
    ['misses its first part', [second], 'does not go on'],
    ['has its parts in another order', [second, first], 'does not go on'],
    ['has a part twice', [first, first], 'does not go on'],
    ['has a part of another chain', [other, second], 'does not go on'],
    ['is empty', [new Uint8Array()], 'does not begin'],
    ['is cut off', [first.subarray(0, -3)], 'cannot be unpacked'],
    ['has another body', [withHeader(other, { to: 'ab'.repeat(32) })], 'is not what was archived'],
    ['says another number of messages', [withHeader(first, { messages: 3 })], 'is not what was archived'],
    ['says other sequences', [withHeader(first, { lastSeq: 9 })], 'other sequences'],
    ['names another run', [withHeader(first, { run: runAt(2) })], 'of run'],
    ['names another tenant', [withHeader(first, { tenant: 'globex' })], 'of the tenant globex'],
  ])('is told when it %s', (_what, tampered, reason) => {
    expect(() => readTranscript(REF, tampered)).toThrow(BrokenArchiveError);
    expect(() => readTranscript(REF, tampered)).toThrow(reason);
  });

  it('is told when any byte of it is another', () => {
    for (let index = 0; index < first.length; index += 1) {
      const changed = Uint8Array.from(first);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      expect(() => readTranscript(REF, [changed, second]), `byte ${index}`).toThrow(BrokenArchiveError);
    }
  });

  it('does not unpack what grows beyond a part', () => {
    const end = first.indexOf(0x0a);
    const bomb = deflateRawSync(new Uint8Array(64 * 1024 * 1024));
    expect(() => decodePart(Buffer.concat([first.subarray(0, end + 1), bomb]))).toThrow('cannot be unpacked');
  });
});

describe('the parts of a long log', () => {
  const message = (seq: number, size: number): LoggedMessage => ({
    subject: 's',
    seq,
    at: 1,
    bytes: crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536))),
  });

  it('hold at most so many bytes each, and every message once', () => {
    const log = Array.from({ length: 40 }, (_, index) => message(index + 1, 65_536));
    const parts = partsOf(log);
    expect(parts.flat()).toEqual(log);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      expect(part.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(PART_BYTES_MAX);
      // Random bytes do not shrink: below the broker's largest message all the same.
      expect(encodePart(REF, { part: 0, from: chainStart(REF) }, part).bytes.length).toBeLessThan(1_000_000);
    }
  });

  it('are none of an empty log', () => {
    expect(partsOf([])).toEqual([]);
  });
});
