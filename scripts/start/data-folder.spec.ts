import { describe, expect, it } from 'vitest';
import { Failure } from '../cli/failure.ts';
import { explainDataFolder } from './data-folder.ts';

const withCode = (code: string) => Object.assign(new Error(`${code}: raw words, open '/d/x'`), { code });

describe('an error in the data folder', () => {
  it.for([
    ['ENOSPC', /disk .*"\/d" is full/],
    ['EDQUOT', /disk .*"\/d" is full/],
    ['EACCES', /"\/d" cannot be written to/],
    ['EROFS', /"\/d" cannot be written to/],
    ['ENOTDIR', /"\/d" is a file/],
    ['ENOENT', /"\/d" cannot be made/],
  ] as const)('%s is one sentence that says what to do', ([code, sentence]) => {
    const { message, exitCode } = explainDataFolder('/d', withCode(code));
    expect(message).toMatch(sentence);
    expect(message).toMatch(/--data/);
    expect(message).not.toContain('raw words');
    expect(exitCode).toBe(1);
  });

  it('keeps the words of an error that explains itself', () => {
    expect(explainDataFolder('/d', new Error('Port 4222 is in use.')).message).toBe('Port 4222 is in use.');
    const failure = new Failure('No.', 2);
    expect(explainDataFolder('/d', failure)).toBe(failure);
  });
});
