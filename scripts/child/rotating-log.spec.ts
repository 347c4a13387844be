import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RotatingLog } from './rotating-log.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-log-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const logFile = () => join(folder, 'writer.log');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const line = (number: number) => Buffer.from(`line ${String(number).padStart(3, '0')}\n`);
const LINE_BYTES = 9;

describe('a log that rotates', () => {
  it('keeps a bounded number of files of a bounded size, whatever is written, and the newest lines', () => {
    const log = new RotatingLog(logFile(), 10 * LINE_BYTES, 3);
    for (let number = 0; number < 500; number += 1) log.write(line(number));
    log.close();
    expect(readdirSync(folder).toSorted()).toEqual(['writer.1.log', 'writer.2.log', 'writer.log']);
    for (const name of readdirSync(folder)) expect(read(name).length).toBeLessThanOrEqual(11 * LINE_BYTES);
    const kept = ['writer.2.log', 'writer.1.log', 'writer.log'].map(read).join('').trimEnd().split('\n');
    expect(kept.at(-1)).toBe('line 499');
    expect(kept).toEqual(kept.toSorted());
    expect(kept.length).toBeGreaterThan(20);
  });

  it('never cuts a line in two, also when it came in pieces', () => {
    const log = new RotatingLog(logFile(), 20, 3);
    for (const piece of ['{"a":1}\n{"b', '":2}\n{"c":3', '}\n{"d":4}\n']) log.write(Buffer.from(piece));
    log.close();
    expect(read('writer.1.log') + read('writer.log')).toBe('{"a":1}\n{"b":2}\n{"c":3}\n{"d":4}\n');
    for (const name of readdirSync(folder)) expect(read(name)).toMatch(/^(\{"\w":\d\}\n)*$/);
  });

  it('goes on with the file of the start before, and counts what is in it', () => {
    writeFileSync(logFile(), 'x'.repeat(95) + '\n');
    const log = new RotatingLog(logFile(), 100, 2);
    log.write(line(1));
    log.write(line(2));
    log.close();
    expect(read('writer.1.log')).toBe(`${'x'.repeat(95)}\nline 001\n`);
    expect(read('writer.log')).toBe('line 002\n');
  });

  it('is bounded also if no line ever ends', () => {
    const log = new RotatingLog(logFile(), 100, 2);
    for (let count = 0; count < 100; count += 1) log.write(Buffer.from('x'.repeat(30)));
    log.close();
    for (const name of readdirSync(folder)) expect(read(name).length).toBeLessThanOrEqual(230);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('loses lines when it cannot be written, and nothing else', () => {
    const log = new RotatingLog(join(folder, 'gone', 'writer.log'), 10, 2);
    expect(() => log.write(Buffer.from('more than ten bytes\n'))).not.toThrow();
    log.close();
  });
});
