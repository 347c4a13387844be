/** What a model hears and says, in no provider's dialect: a character plays on each of the three protocols. */

/** One turn as a character hears it. */
export type Heard =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls: readonly { id: string; name: string; arguments: unknown }[] }
  | { role: 'result'; callId: string; text: string; failed: boolean };

/** A tool as it is offered; `strict`: its calls always fit `parameters` (JSON Schema). */
export interface OfferedTool {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
  strict: boolean;
}

export const EFFORTS = ['none', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

export interface Conversation {
  system: string;
  messages: readonly Heard[];
  tools: readonly OfferedTool[];
  /** `any`: some call has to be made; `name`: this one. */
  choice: 'auto' | 'none' | 'any' | { name: string };
  /** Whether one answer may hold several calls. */
  parallelCalls: boolean;
  effort: Effort;
  /** The JSON Schema that the answer's text has to fit, if any. */
  format?: Record<string, unknown> | undefined;
}

/** A call as it is spoken. The arguments are the text of JSON, which a limit or a fault may cut in the middle. */
export interface SpokenCall {
  name: string;
  argumentsJson: string;
}

/**
 * Why an answer ends. `length`, `refusal`, `pause` and `context` are what a vendor's stop reasons have in common: cut by
 * the request's limit, not willing, to be gone on with, prompt and answer together too long.
 */
export type Stop = 'end' | 'tools' | 'length' | 'refusal' | 'pause' | 'context';

export interface Utterance {
  /** Empty: nothing is thought. */
  thinking: string;
  text: string;
  calls: readonly SpokenCall[];
  stop: Stop;
  /** Waited before the answer begins, on top of the server's own latency. */
  delayMs: number;
  /** Waited between two events of a stream. */
  paceMs: number;
}

export interface Character {
  readonly name: string;
  /** Pure: the same conversation gets the same answer. */
  reply(conversation: Conversation): Utterance;
}

/** An answer at usual speed, which ends as what it holds says. */
export function utterance(said: Partial<Utterance>): Utterance {
  const calls = said.calls ?? [];
  const stop = calls.length > 0 ? 'tools' : 'end';
  return { thinking: '', text: '', stop, delayMs: 0, paceMs: 0, ...said, calls };
}

export const call = (name: string, args: unknown): SpokenCall => ({ name, argumentsJson: JSON.stringify(args) });
