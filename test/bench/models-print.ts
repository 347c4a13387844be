import type { CallsMeasured, ModelsMeasured } from './models.ts';

const HEAD = ['', 'in flight', 'direct p50', 'added p50', 'direct p99', 'added p99', 'direct CPU', 'added CPU'];

/** Prints what the gateway adds to a model call, in ms, and what it takes for many streams. */
export function printModels(all: readonly ModelsMeasured[]): void {
  out('\nA model call through the gateway, beside the same call with the SDK alone; all in ms.');
  out('CPU through the gateway is its own and that of nats-server.\n');
  out(row(HEAD));
  for (const measured of all)
    for (const calls of [measured, measured.at_once]) out(row([measured.api, ...figures(calls)]));
  out('');
  for (const { api, streams, streams_rss_mb } of all)
    out(`${api}: ${streams} streams at once: at most ${streams_rss_mb} MB of the gateway's memory`);
}

const figures = (calls: CallsMeasured): number[] => [
  calls.in_flight,
  calls.direct_p50_ms,
  calls.added_p50_ms,
  calls.direct_p99_ms,
  calls.added_p99_ms,
  calls.direct_cpu_ms,
  calls.added_cpu_ms,
];
const out = (text: string): void => void process.stdout.write(`${text}\n`);
const row = (cells: (string | number)[]): string => cells.map((cell) => String(cell).padStart(12)).join('');
