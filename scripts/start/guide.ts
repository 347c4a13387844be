import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { ROOT } from '../roles.ts';
import type { StartOptions } from './options.ts';

/** What a start without a goal asks of the project's own documentation. */
export const EXAMPLE_GOAL =
  'How does Troupe make sure that nothing is lost when a role process crashes, and what has to happen before a tool runs?';

const DEFAULT_URL = 'nats://127.0.0.1:4222';

/** How to publish the next goal, and where to look: for a Troupe that stays up. */
export function howToGoOn({ server, metrics }: Cluster, { dataDir }: StartOptions): string[] {
  const at = server.url === DEFAULT_URL ? '' : ` -s ${server.url}`;
  const settings = [
    ...(server.url === DEFAULT_URL ? [] : [`NATS_URL=${server.url}`]),
    ...(server.authDir === join(ROOT, '.troupe', 'auth') ? [] : [`TROUPE_AUTH_DIR=${server.authDir}`]),
  ].map((setting) => `${setting} `);
  const troupe = `${settings.join('')}npx troupe`;
  return [
    '',
    'Troupe is up. Ctrl-C stops it; what is not finished goes on at the next start.',
    // A server that is not ours may ask every client for credentials; how, only who runs it knows.
    ...(server.pid === 0
      ? ['Publish a goal:']
      : [
          'Publish a goal from any NATS client:',
          `  nats pub${at} troupe.goals.default '{"goal":"…"}'`,
          `  nats req${at} troupe.api.default.runs.create '{"goal":"…"}'`,
        ]),
    `  ${troupe} run "…"`,
    'See what there is:',
    `  ${troupe} runs`,
    ...(server.pid === 0 ? [] : [`  nats sub${at} 'troupe.results.default.>'`]),
    ...(metrics.length === 0
      ? []
      : ['Metrics:', ...metrics.map(({ name, port }) => `  http://127.0.0.1:${port}/metrics  ${name}`)]),
    `Logs: ${join(dataDir, 'logs')}`,
    '',
  ];
}
