import { pino, destination, type Logger } from 'pino';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A process's log: one JSON object per line on standard error (file descriptor 2), so that standard output stays
 * free for results. Lines about a run carry `run` (the run ID, also the trace ID) and `message` (the message ID).
 */
export function createLogger(options: { role: string; level: LogLevel }): Logger {
  return pino(
    {
      level: options.level,
      base: { role: options.role, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    destination({ fd: 2, sync: true }),
  );
}
