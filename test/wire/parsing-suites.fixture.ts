import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const read = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8');

interface ParsingLine {
  name: string;
  expect: 'accept' | 'reject' | 'either';
  b64?: string;
  b64gz?: string;
}

/** nst/JSONTestSuite: every document, and whether a JSON parser has to accept it. */
export function jsonSuite(): { name: string; verdict: ParsingLine['expect']; bytes: Uint8Array }[] {
  return linesOf<ParsingLine>('json/parsing.jsonl').map(({ name, expect: verdict, b64, b64gz }) => ({
    name,
    verdict,
    bytes: b64gz === undefined ? Buffer.from(b64 ?? '', 'base64') : gunzipSync(Buffer.from(b64gz, 'base64')),
  }));
}

/** minimaxir/big-list-of-naughty-strings. */
export function naughtyStrings(): string[] {
  return linesOf<{ text: string }>('naughty-strings/strings.jsonl').map(({ text }) => text);
}

/** kawanet/msgpack-test-suite: groups of values with every encoding that a decoder has to accept. */
export function msgpackSuite(): { group: string; value: Record<string, unknown>; encodings: Uint8Array[] }[] {
  const groups = Object.entries(
    JSON.parse(read('msgpack/msgpack-test-suite.json')) as Record<string, Record<string, unknown>[]>,
  );
  return groups.flatMap(([group, cases]) =>
    cases.map(({ msgpack, ...value }) => ({
      group,
      value,
      encodings: (msgpack as string[]).map((hex) => Buffer.from(hex.replaceAll('-', ''), 'hex')),
    })),
  );
}

function linesOf<Line>(path: string): Line[] {
  return read(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
