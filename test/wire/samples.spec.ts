import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, Message, readsVersion } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { bytesOf, type Sample, SAMPLES } from './history.fixture.ts';

const files = readdirSync(SAMPLES).filter((name) => name.endsWith('.json'));
const types = Message.options.map(({ shape }) => shape.type.value);

describe('messages that were ever written', () => {
  it('have a golden sample per type and version', () => {
    const expected = types.flatMap((type) =>
      Array.from({ length: readsVersion(type) ?? 0 }, (_, index) => `${type}.v${index + 1}.json`),
    );
    expect(files.toSorted()).toEqual(expected.toSorted());
  });

  it.each(files)('%s is still read as what was written, whole, and written again as an equal value', (file) => {
    const sample = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Sample;
    const read = Message.parse(decode(bytesOf(sample)));
    expect(read).toEqual(sample.value);
    expect(Message.parse(decode(encode(read)))).toEqual(sample.value);
    expect(`${read.type}.v${read.v}.json`).toBe(file);
  });

  it.each(files)('%s is still read with a field that a later version may add', (file) => {
    const sample = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as { value: { body: object } };
    const later = { ...sample.value, body: { ...sample.value.body, added: 'later' }, added: 'later' };
    expect(Message.parse(decode(encode(later)))).toEqual(sample.value);
  });
});
