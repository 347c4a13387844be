export { type Bus, type BusSettings, connectAs } from './bus/connect.ts';
export { EmbeddedCluster } from './broker/embedded-cluster.ts';
export { type EmbeddedServer, startEmbeddedServer } from './broker/embedded-server.ts';
export { ensureRouteKey } from './broker/route-key.ts';
export { type Drift, ensureTopology } from './broker/ensure-topology.ts';
export { type Erasable, erase } from './broker/erase.ts';
export { checkServer } from './broker/server-check.ts';
export { serverUrls } from './bus/server-urls.ts';
export { ACK_WAIT_MS, type Retention } from './broker/topology.ts';
export { decodeQuestion, encodeQuestion } from './questions/asking-wire.ts';
export { NatsAsker } from './questions/nats-asker.ts';
export { QuestionServer } from './questions/question-server.ts';
export { launch } from './process/launch.ts';
export { type RoleProcess, startProcess } from './process/role-process.ts';
export { type ActorProcess, type AgentProcess, runActor, runAgent } from './process/run-actor.ts';
export { BrokerClock } from './bus/broker-clock.ts';
export { ProcessSettings, readSettings, TopologySettings } from './process/settings.ts';
export { lastOn, type StoredMessage } from './bus/direct-get.ts';
export { NatsArchive } from './archive/nats-archive.ts';
export { readDistinct, readStored } from './reading/read-batch.ts';
export { readPublishAck, RefusedWrite } from './bus/publish-ack.ts';
export { findServerBinary } from './broker/server-binary.ts';
export { renderServerConfig, type ServerSettings } from './broker/server-config.ts';
export { type Credentials, ensureCredentials, readKeys } from './broker/credentials.ts';
export { endOf, type RunEnd, unreadable } from './reading/run-end.ts';
export type { LogEntry } from './reading/log-entry.ts';
export type { Following } from './reading/log-follower.ts';
export {
  BEGINNING,
  behind,
  formatPosition,
  parsePosition,
  type Position,
  type RunPosition,
} from './reading/position.ts';
export { type PublishedGoal, RunReader } from './reading/run-reader.ts';
export { readLiveResult } from './reading/live-result.ts';
export { NatsDeadLetters } from './ports/nats-dead-letters.ts';
export { NatsJournal } from './ports/nats-journal.ts';
export { NatsMailbox } from './ports/nats-mailbox.ts';
export { NatsTimers } from './ports/nats-timers.ts';
export { RequestChannel } from './bus/request-channel.ts';
export { Replicas } from './ports/replicas.ts';
export { Unreadable } from './bus/unreadable.ts';
export { deciderVersion } from './process/decider-version.ts';
export { archivedLog, resultIn } from './archive/archived-log.ts';
export { type ArchivedRun, archivedBefore, eraseArchived, type Fill, fillOf } from './archive/make-room.ts';
export { lastSeq } from './reading/last-seq.ts';
