import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { actorTelemetry } from './actor-telemetry.ts';
import { type HealthServer, serveHealth } from './health-server.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function get(path: string): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${server?.port}${path}`);
  return [response.status, await response.text()];
}

const options = (isReady = true) => ({
  host: '127.0.0.1',
  port: 0,
  registry: createMetrics('tester').registry,
  isReady: () => isReady,
});

describe('the health server', () => {
  it('says that the process is alive, and whether it is ready', async () => {
    server = await serveHealth(options(false));
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz')).toEqual([503, 'not connected to NATS\n']);
    await server.close();
    server = await serveHealth(options(true));
    expect(await get('/readyz')).toEqual([200, 'ready\n']);
  });

  it('serves metrics with the role on each of them', async () => {
    server = await serveHealth(options());
    const [status, text] = await get('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('# TYPE troupe_inputs_total counter');
    expect(text).toMatch(/^process_cpu_user_seconds_total\{role="tester"\}/m);
  });

  it('says where to look when it is asked for something else', async () => {
    server = await serveHealth(options());
    expect(await get('/')).toEqual([404, 'try /metrics, /healthz or /readyz\n']);
  });

  it('names the port and the setting when the port is taken', async () => {
    server = await serveHealth(options());
    await expect(serveHealth({ ...options(), port: server.port })).rejects.toThrow(
      `Port ${server.port} is in use. Set TROUPE_METRICS_PORT to a free one, or to 0 for any.`,
    );
  });
});

describe('what the runtime reports', () => {
  it('is counted by type and by fate', async () => {
    const metrics = createMetrics('tester');
    const telemetry = actorTelemetry(createLogger({ role: 'tester', level: 'silent' }), metrics);
    const input = { type: 'task.assigned', run: 'r', id: 'supervisor.t1.0' };
    telemetry.handled(input, 1, 5);
    telemetry.handled(input, 2, 5);
    telemetry.failed(input, 'retry', 'no bus');
    telemetry.failed(undefined, 'dead', 'malformed');
    telemetry.left(input, 'v9');
    telemetry.conflict('task.assigned');
    telemetry.redelivered('runs');
    telemetry.foreignStep(input, 'v1');
    telemetry.gauges({ inHand: () => 3, actors: () => 7 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('troupe_inputs_total{type="task.assigned",role="tester"} 2');
    expect(text).toContain('troupe_redeliveries_total{source="runs",role="tester"} 1');
    expect(text).toContain('troupe_foreign_steps_total{role="tester"} 1');
    expect(text).toContain('troupe_failures_total{fate="retry",role="tester"} 1');
    expect(text).toContain('troupe_failures_total{fate="dead",role="tester"} 1');
    expect(text).toContain('troupe_left_total{role="tester"} 1');
    expect(text).toContain('troupe_conflicts_total{role="tester"} 1');
    expect(text).toContain('troupe_in_hand{role="tester"} 3');
    expect(text).toContain('troupe_actors{role="tester"} 7');
    expect(text).toContain('troupe_input_duration_seconds_count{role="tester"} 2');
  });
});

describe('the log', () => {
  it('goes to standard error alone, one JSON object per line, with role, time and run', () => {
    const script = `
      import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)};
      createLogger({ role: 'tester', level: 'info' }).info({ run: 'r1' }, 'hello');
      createLogger({ role: 'tester', level: 'info' }).debug('not this');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout).toBe('');
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ role: 'tester', run: 'r1', msg: 'hello', level: 30 });
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/));
  });
});
