import type { Model } from '../../models/model.ts';
import type { RunningServer } from '../json-server.fixture.ts';
import type { Call, Failure, Listener, Outcome, Reply } from '../provider.ts';
import { questionOf } from '../question.fixture.ts';
import { ANTHROPIC_KEY, startMessagesServer } from './message-events.fixture.ts';
import type { Step } from './message-events.fixture.ts';
import { anthropicProvider } from './provider.ts';

/** A model that thinks unless told otherwise, and whose calls can be forced, with what a test wants to differ. */
export function modelOf(different: Partial<Model> = {}): Model {
  return {
    name: 'claude-test-1',
    provider: 'anthropic',
    api: 'messages',
    family: 'claude',
    contextTokens: 200_000,
    outputTokensMax: 64_000,
    price: undefined,
    priceAbove: [],
    forcedCall: true,
    thinking: 'optional',
    efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
    thinkingTokens: 1_000,
    strictSchema: 'anthropic',
    strictToolsMax: 20,
    echo: true,
    cacheMarkers: true,
    charsPerToken: 2,
    deviations: {
      outputLimit: 'max_tokens',
      forcedChoice: 'required',
      usageInStream: true,
      shortCallIds: false,
    },
    ...different,
  };
}

export function callOf(different: Partial<Call> = {}): Call {
  return {
    question: questionOf(),
    model: modelOf(),
    outputTokensMax: 4_000,
    without: new Set(),
    echoes: true,
    ...different,
  };
}

export interface Asked {
  server: RunningServer;
  ask(call?: Call, options?: { apiKey?: string; signal?: AbortSignal; listener?: Listener }): Promise<Outcome>;
  close(): Promise<void>;
}

/** A provider in front of a server that plays these steps. */
export async function startAsked(...steps: readonly Step[]): Promise<Asked> {
  const server = await startMessagesServer(steps);
  return {
    server,
    ask: (call = callOf(), { apiKey = ANTHROPIC_KEY, signal = new AbortController().signal, listener } = {}) =>
      anthropicProvider({ name: 'anthropic', apiKey, baseUrl: server.origin }).ask(call, signal, listener),
    close: () => server.close(),
  };
}

export function replied(outcome: Outcome): Reply {
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return outcome;
}

export function failedAs(outcome: Outcome): Failure {
  if (outcome.ok) throw new Error(`answered: ${outcome.text}`);
  if (outcome.message.includes(ANTHROPIC_KEY)) throw new Error('the key is in the message');
  return outcome;
}
