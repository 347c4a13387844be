export { type Bus, type BusSettings, connectAs } from './bus/connect.ts';
export { grantKeyFiles } from './broker/credentials.ts';
export { type EmbeddedServer, startEmbeddedServer } from './broker/embedded-server.ts';
export { type Drift, ensureTopology } from './broker/ensure-topology.ts';
export { checkServer } from './broker/server-check.ts';
export { ACK_WAIT_MS, type Retention } from './broker/topology.ts';
export { QuestionServer } from './questions/question-server.ts';
export {
  type ActorProcess,
  type RoleProcess,
  launch,
  runActor,
  runAgent,
  startProcess,
} from './process/role-process.ts';
export { ProcessSettings, readSettings } from './process/settings.ts';
export { lastOn } from './bus/direct-get.ts';
export { readPublishAck } from './bus/publish-ack.ts';
export { findServerBinary } from './broker/server-binary.ts';
export { renderServerConfig, type ServerSettings } from './broker/server-config.ts';
export { ensureCredentials } from './broker/credentials.ts';
export { endOf, type RunEnd, unreadable } from './reading/run-end.ts';
export type { LogEntry } from './reading/log-entry.ts';
export { type Following, type PublishedGoal, RunReader } from './reading/run-reader.ts';
export { NatsDeadLetters } from './ports/nats-dead-letters.ts';
export { NatsJournal } from './ports/nats-journal.ts';
export { NatsMailbox } from './ports/nats-mailbox.ts';
export { NatsTimers } from './ports/nats-timers.ts';
export { RequestChannel } from './bus/request-channel.ts';
