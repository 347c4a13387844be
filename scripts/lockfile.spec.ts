import { describe, expect, it } from 'vitest';
import { completeLock } from './lockfile.mjs';

const added = (name: string) => {
  const { lock } = completeLock({
    packages: { 'node_modules/tool': { version: '1.0.0', license: 'MIT', optionalDependencies: { [name]: '1.0.0' } } },
  });
  return lock.packages[`node_modules/${name}`];
};

describe('completing the lock', () => {
  it('adds a platform package that the registry at hand did not carry', () => {
    expect(added('@tool/darwin-arm64')).toEqual({
      version: '1.0.0',
      os: ['darwin'],
      cpu: ['arm64'],
      license: 'MIT',
      optional: true,
    });
  });

  it.each([
    ['@tool/windows-64', { os: ['win32'], cpu: ['x64'] }],
    ['@tool/linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@tool/linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ])('reads the platform from the name %s', (name, platform) => {
    expect(added(name)).toMatchObject(platform);
  });

  it('leaves a package that is there alone, also one nested in its parent', () => {
    const packages = {
      'node_modules/a': { optionalDependencies: { 'b-linux-x64': '1.0.0' } },
      'node_modules/a/node_modules/b-linux-x64': { version: '1.0.0' },
    };
    const done = completeLock({ packages });
    expect(done.added).toEqual([]);
    expect(done.lock.packages).toEqual(packages);
  });

  it('reports an optional package without a platform instead of guessing', () => {
    const done = completeLock({ packages: { '': { optionalDependencies: { fsevents: '^2.0.0' } } } });
    expect(done.unplaced).toEqual(['fsevents@^2.0.0']);
    expect(done.lock.packages).not.toHaveProperty('node_modules/fsevents');
  });

  it('changes nothing the second time', () => {
    const first = completeLock({ packages: { '': { optionalDependencies: { 'b-win32-arm64': '^2.0.0' } } } });
    const second = completeLock(first.lock);
    expect(first.added).toEqual(['b-win32-arm64@^2.0.0']);
    expect(second.added).toEqual([]);
    expect(second.lock).toEqual(first.lock);
  });

  it('drops addresses at the public registry, keeps workspace links and reports every other host', () => {
    const done = completeLock({
      packages: {
        'node_modules/a': { resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' },
        'node_modules/b': { resolved: 'https://registry.example.com/b/-/b-1.0.0.tgz' },
        'node_modules/c': { resolved: 'shared/c', link: true },
      },
    });
    expect(done.lock.packages['node_modules/a']).toEqual({});
    expect(done.lock.packages['node_modules/c']).toEqual({ resolved: 'shared/c', link: true });
    expect(done.foreign).toEqual(['node_modules/b']);
  });
});
