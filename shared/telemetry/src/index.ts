export { actorTelemetry, silentTelemetry } from './actor-telemetry.ts';
export type { ActorTelemetry, InputLabel } from './actor-telemetry.ts';
export { serveHealth } from './health-server.ts';
export type { HealthServer } from './health-server.ts';
export { createLogger, LOG_LEVELS } from './logger.ts';
export type { Logger, LogLevel } from './logger.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
