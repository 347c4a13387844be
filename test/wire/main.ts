// Writes golden samples and a history in the version that this code writes. Run it once when a version is raised, and
// keep what the versions before have written: node test/wire/main.ts <new folder>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, encodeJson, type Message, SCHEMA_VERSION } from '@troupe/contract';
import { Company } from '../journeys/company.fixture.ts';
import type { Line, Sample } from './history.fixture.ts';
import { samples } from './samples.fixture.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Name a folder to write to.');
mkdirSync(join(folder, 'samples'), { recursive: true });

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function writeSample(message: Message): void {
  // The result of a run is JSON on the wire: clients without msgpack read it.
  const bytes = message.type === 'run.ended' ? encodeJson(message) : encode(message);
  const sample: Sample = { base64: base64(bytes), value: message };
  const file = join(folder ?? '', 'samples', `${message.type}.v${message.v}.json`);
  writeFileSync(file, `${JSON.stringify(sample, null, 2)}\n`);
}

for (const message of samples) writeSample(message);

const company = await Company.start();
await company.run({
  id: 'wire-1',
  goal: 'How do battery ferries perform in storms and what refunds do passengers get?',
});
const { entries } = company.bus.runs;
const lines = entries.map(({ subject, at, bytes }): Line => ({ subject, at, base64: base64(bytes) }));
const history = lines.map((line) => JSON.stringify(line)).join('\n');
writeFileSync(join(folder, `history-${SCHEMA_VERSION}.jsonl`), `${history}\n`);
await company.stop();
