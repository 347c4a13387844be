import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { Failure } from '../cli/failure.ts';
import { parseOptions } from './options.ts';

const parse = (words: string[], environment: NodeJS.ProcessEnv = {}) => parseOptions(words, '/home/me', environment);

describe('the command line of npm start', () => {
  it('without anything runs the example and stays up', () => {
    expect(parse([])).toMatchObject({ goal: undefined, example: true, keepRunning: true, sync: 'always', replicas: 1 });
  });

  it('takes the goal with and without quotes, and ends after it', () => {
    expect(parse(['What', 'is', 'it?'])).toMatchObject({ goal: { goal: 'What is it?' }, keepRunning: false });
    expect(parse(['What is it?', '--keep-running'])).toMatchObject({ keepRunning: true });
  });

  it('gives relative folders the place where the user is', () => {
    expect(parse(['--docs', './a', '--data', 'b'])).toMatchObject({ docs: '/home/me/a', dataDir: '/home/me/b' });
  });

  it('runs no example about documents that are not the project’s own', () => {
    expect(parse(['--docs', 'a']).example).toBe(false);
    expect(parse([], { TROUPE_DOCS: 'a' })).toMatchObject({ example: false, docs: '/home/me/a' });
  });

  it('turns preset, revisions and deadline into options of the goal, and leaves out what was not said', () => {
    const { goal } = parse(['q', '--preset', 'small', '--revisions', '0', '--deadline', '30']);
    expect(goal?.options).toEqual({ preset: 'small', revisions_max: 0, deadline_ms: 30_000 });
    expect(parse(['q']).goal?.options).toEqual({});
  });

  it('lets an option win over the environment', () => {
    expect(parse([], { TROUPE_NATS_PORT: '5000' }).port).toBe(5_000);
    expect(parse(['--port', '6000'], { TROUPE_NATS_PORT: '5000' }).port).toBe(6_000);
  });

  it('says how many shards a new log has only when it was said', () => {
    expect(parse([]).shards).toBeUndefined();
    expect(parse(['--shards', '64']).shards).toBe(64);
  });

  it.for([
    [['--sync', 'sometimes']],
    [['--sync', '0s']],
    [['--replicas', '17']],
    [['--shards', '0']],
    [['--shards', '65']],
    [['--deadline', '1.5']],
  ])('refuses %s', ([words]) => {
    expect(() => parse(words ?? [])).toThrow(CommanderError);
  });

  it('refuses an empty goal', () => {
    expect(() => parse([''])).toThrow(Failure);
  });
});
