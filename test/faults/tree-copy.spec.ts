import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCHEMA_VERSION } from '@troupe/contract';
import { ROOT } from '@troupe/scripts/roles';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { copyTree } from './tree-copy.ts';

const FILE = 'shared/contract/src/message.ts';
const FROM = `SCHEMA_VERSION = ${SCHEMA_VERSION};`;

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tree-copy-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('another build', () => {
  it('runs its own sources, edits included, and leaves this tree as it is', () => {
    copyTree(folder, [{ file: FILE, from: FROM, to: 'SCHEMA_VERSION = 77;' }]);
    const role = pathToFileURL(join(folder, 'services/writer/src/role.ts')).href;
    const code = `await import('${role}'); const { SCHEMA_VERSION } = await import('@troupe/contract'); console.log(SCHEMA_VERSION);`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' });
    expect(out.trim()).toBe('77');
    expect(readFileSync(join(ROOT, FILE), 'utf8')).toContain(FROM);
  });

  it('is refused when an edit finds nothing to change', () => {
    expect(() => copyTree(folder, [{ file: FILE, from: 'no such text', to: '' }])).toThrow(/has no "no such text"/);
  });
});
