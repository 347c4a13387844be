import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { post, QUESTION } from './messages/messages.fixture.ts';
import type { ModelServer } from './serve.ts';
import { startModelServer } from './server.ts';

let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const about = (content: string) => ({ ...QUESTION, messages: [{ role: 'user', content }] });

describe('a model server', () => {
  it('counts how often each question was asked, whatever it was asked with', async () => {
    server = await startModelServer({ api: 'messages' });
    await post(server, about('A'));
    await post(server, { ...about('A'), max_tokens: 50, output_config: { effort: 'low' } });
    await post(server, about('B'));
    await post(server, { ...about('B'), tool_choice: { type: 'any' } });
    const { total, questions, fates, models } = server.requests();
    expect(total).toBe(4);
    expect(Object.values(questions).toSorted((left, right) => left - right)).toEqual([1, 2]);
    expect(fates).toEqual({ answered: 3, refused: 1 });
    expect(models).toEqual({ 'claude-sonnet-5-5': 3 });
  });

  it('answers only so many at once, and takes the next when one is done', async () => {
    server = await startModelServer({
      api: 'messages',
      faults: { concurrencyMax: 2, rules: [{ fault: 'hang', when: { next: 2 } }] },
    });
    const { origin } = server;
    const leave = new AbortController();
    const body = JSON.stringify(QUESTION);
    const headers = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
    const hanging = [1, 2].map(() =>
      fetch(`${origin}/v1/messages`, { method: 'POST', body, headers, signal: leave.signal }).catch(() => 'left'),
    );
    await expect.poll(() => server?.requests().active).toBe(2);
    const over = await post(server, QUESTION);
    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBe('1');
    leave.abort();
    expect(await Promise.all(hanging)).toEqual(['left', 'left']);
    await expect.poll(() => server?.requests().fates.aborted).toBe(2);
    expect((await post(server, QUESTION)).status).toBe(200);
    expect(server.requests().activeMax).toBe(2);
  });

  it('never counts an answer that was read to its end as under way', async () => {
    server = await startModelServer({ api: 'messages', faults: { concurrencyMax: 1 } });
    for (let n = 0; n < 50; n += 1) expect((await post(server, QUESTION)).status).toBe(200);
  });

  it('is as late, and writes as slowly, as it is told to', async () => {
    server = await startModelServer({ api: 'messages', faults: { latencyMs: 60 } });
    const elapsedMs = async (body: unknown) => {
      const startedAt = performance.now();
      const response = await fetch(`${server?.origin ?? ''}/v1/messages`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      });
      const events = (await response.text()).match(/^event: /gm) ?? [];
      return { ms: performance.now() - startedAt, events: events.length };
    };
    expect((await elapsedMs(QUESTION)).ms).toBeGreaterThan(50);
    server.setFaults({ paceMs: 10 });
    const { ms, events } = await elapsedMs({ ...QUESTION, stream: true });
    expect(ms).toBeGreaterThan((events - 1) * 8);
  });

  it('refuses faults that it does not know', async () => {
    server = await startModelServer({ api: 'messages' });
    const set = (faults: unknown) =>
      fetch(`${server?.origin ?? ''}/__faults`, { method: 'POST', body: JSON.stringify(faults) });
    expect((await set({ rules: [{ fault: 'gremlins', when: 'all' }] })).status).toBe(400);
    expect((await set({ rule: [] })).status).toBe(400);
    expect((await set({ rules: [{ fault: 'overloaded', when: 'all' }] })).status).toBe(200);
    expect((await post(server, QUESTION)).status).toBe(529);
  });

  it('names the characters that there are', () => {
    expect(() => startModelServer({ api: 'messages', character: 'genius' })).toThrow(/competent, verbose, sloppy/);
  });

  it('runs as a process of its own, tells its port, what it was asked, and ends when it is told to', async () => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const args = ['--api', 'messages', '--port', '0', '--character', 'refusing', '--faults', '{"latencyMs":1}'];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { origin, pid } = JSON.parse(line.toString()) as { origin: string; pid: number };
    expect(pid).toBe(child.pid);
    const got = await fetch(`${origin}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify(QUESTION),
      headers: { 'x-api-key': 'sk-secret-1', 'anthropic-version': '2023-06-01' },
    });
    expect(await got.json()).toMatchObject({ stop_reason: 'refusal' });
    const kept = await (await fetch(`${origin}/__requests`)).text();
    expect(JSON.parse(kept)).toMatchObject({
      total: 1,
      fates: { answered: 1 },
      requests: [{ path: '/v1/messages', model: 'claude-sonnet-5-5', body: QUESTION, status: 200 }],
    });
    expect(kept).not.toContain('sk-secret-1');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
