// The second process of meddling.fixture.ts. It works until it is killed.
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { Meddling } from './meddling.fixture.ts';

const GROWTHS = 4;

function swap(path: string, outside: string): void {
  const parked = `${path}.parked`;
  renameSync(path, parked);
  // Who writes here may have made the file anew in between.
  rmSync(path, { force: true, recursive: true });
  symlinkSync(outside, `${path}.link`);
  renameSync(`${path}.link`, path);
  unlinkSync(path);
  renameSync(parked, path);
}

function grow(path: string, bytes: number): void {
  const growth = Buffer.alloc(bytes, 'x\n');
  truncateSync(path, bytes);
  for (let growths = 0; growths < GROWTHS; growths += 1) appendFileSync(path, growth);
}

const meddling = Meddling.parse(JSON.parse(process.argv[2] ?? ''));
if (meddling.kind === 'grow') writeFileSync(meddling.path, Buffer.alloc(meddling.bytes, 'x\n'));
process.send?.('ready');
for (;;) {
  if (meddling.kind === 'swap') swap(meddling.path, meddling.outside);
  else grow(meddling.path, meddling.bytes);
}
