import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@troupe/scripts/roles';
import { expect, it } from 'vitest';

it.each(['test/bench/main.ts', 'test/faults/main.ts'])(
  'given an option that is none, then %s ends with one sentence and the code of wrong usage',
  (program) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, program), '--bogus'], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: "Unknown option '--bogus'. See --help.\n",
    });
  },
);
