import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelServer } from './serve.ts';
import { startModelServer } from './server.ts';

const run = promisify(execFile);
let servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

const pathOf = (file: string) => new URL(file, import.meta.url);

describe('a process whose default addresses are redirected', () => {
  it('reaches the test servers through its SDKs as they are, and nobody else', async () => {
    const messages = await startModelServer({ api: 'messages' });
    const responses = await startModelServer({ api: 'responses' });
    servers = [messages, responses];
    const redirect = {
      'https://api.anthropic.com': messages.origin,
      'https://api.openai.com': responses.origin,
    };
    const args = ['--import', pathOf('redirect.fixture.ts').href, pathOf('default-addresses.fixture.ts').pathname];
    const env = { PATH: process.env['PATH'], TROUPE_TEST_REDIRECT: JSON.stringify(redirect) };
    const { stdout } = await run(process.execPath, args, { env });
    expect(JSON.parse(stdout)).toEqual(['answered', 'answered', 'TypeError: No test goes to https://example.com.']);
    expect(servers.map((server) => server.requests().fates)).toEqual([{ answered: 1 }, { answered: 1 }]);
  });
});
