export { Artifact, Claim, Critique, Draft, Evidence, Findings, Passage, SealedEvidence, Source } from './artifact.ts';
export { citedLines, citedPlace, isWithinPassage } from './cited.ts';
export { decode, encode, encodeJson, MalformedError, parseJson } from './codec.ts';
export { cut } from './cut.ts';
export { AcceptedGoal, Goal, GoalOptions, TOKEN_PRESETS, tokensOf } from './goal.ts';
export {
  DEFAULT_TENANT,
  INTAKE,
  LOG,
  messageId,
  parseMessageId,
  RUN_TASK,
  RunId,
  Token,
  traceIdOf,
  USER,
} from './identifiers.ts';
export type { MessageIdParts, RunRef } from './identifiers.ts';
export { jsonSize } from './json-size.ts';
export type { JsonBounds, JsonSize } from './json-size.ts';
export * from './limits.ts';
export { goalsStream, LogLayout, runsStream, SHARDS_DEFAULT, SHARDS_MAX } from './log-layout.ts';
export { Budget, Integrity, Message, misfit, readsVersion, SCHEMA_VERSION, writesVersion } from './message.ts';
export type { Content, MessageOf, MessageType } from './message.ts';
export {
  Answer,
  Answered,
  Echo,
  FAILURES,
  ModelRecord,
  PURPOSES,
  Question,
  TIERS,
  ToolCall,
  ToolOffer,
  Turn,
  Unanswered,
  Usage,
} from './model.ts';
export type { EchoPart, Purpose, Tier } from './model.ts';
export { parse } from './parse.ts';
export type { PlanFacts, ResearchFacts, ReviewFacts, TextFacts, WriteFacts } from './facts.ts';
export { RUN_STATUSES } from './run.ts';
export { idOfAddress, parseDueSubject, parseRunSubject, STREAMS, subjects } from './subjects.ts';
export type { RunAddress } from './subjects.ts';
export {
  DraftSubmission,
  FindingsSubmission,
  PlannedTask,
  PlanSubmission,
  ReviewSubmission,
  SUBMIT_DRAFT,
  SUBMIT_FINDINGS,
  SUBMIT_PLAN,
  SUBMIT_REVIEW,
} from './submissions.ts';
export { Spent, Warrant } from './task.ts';
export { Grant, ToolOutcome } from './tool.ts';
export { readGoal } from './goal-reader.ts';
export type { ReadGoal } from './goal-reader.ts';
export { joinIntegrity } from './outgoing.ts';
export type { Outgoing } from './outgoing.ts';
export type { Input, Received, Signal } from './signal.ts';
