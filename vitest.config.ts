import { defineConfig } from 'vitest/config';

const reporters = process.env.CI ? ['default', 'json'] : ['default'];

export default defineConfig({
  test: {
    include: ['{shared,services,scripts,test}/**/*.spec.ts'],
    exclude: ['**/node_modules/**', 'test/browser/**'],
    // Forks, not threads: the specs of the edges start processes and listen to signals, which belong to a process.
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters,
    outputFile: { json: '.troupe/test-results.json' },
  },
});
