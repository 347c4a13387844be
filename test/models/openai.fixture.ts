import type { Question, Turn } from '@troupe/contract';
import { SUBMIT_FINDINGS } from '@troupe/contract';
import { readCatalogue } from '@troupe/llm-gateway/models';
import type { responsesProvider } from '@troupe/llm-gateway/responses';
import { call, type Character, type Conversation, utterance } from './character.ts';

type Provider = ReturnType<typeof responsesProvider>;
export type Call = Parameters<Provider['ask']>[0];
export type Outcome = Awaited<ReturnType<Provider['ask']>>;
type Failure = Extract<Outcome, { ok: false }>;

export const KEY = 'sk-test-openai-0123456789abcdef';
export const NEVER = new AbortController().signal;
const catalogue = readCatalogue();
export const OPENAI_MODELS = [...catalogue.models.values()].filter(({ provider }) => provider === 'openai');

/** A model of the built-in file. */
export function modelNamed(name: string): Call['model'] {
  const model = catalogue.models.get(name);
  if (!model) throw new Error(`no such model: ${name}`);
  return model;
}

/** With an optional property: strict, it comes as null where it is left out. */
const SEARCH = {
  name: 'search_documents',
  description: 'Search the documents.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', minLength: 1 }, limit: { type: 'integer', minimum: 1, maximum: 20 } },
    required: ['query'],
    additionalProperties: false,
  },
};

export function callOf(model: Call['model'], question: Partial<Question> = {}, different: Partial<Call> = {}): Call {
  const asked: Question = {
    id: '0190a8d4-0000-7000-8000-000000000001/r1/0',
    tenant: 'default',
    run: '0190a8d4-0000-7000-8000-000000000001',
    role: 'researcher',
    tier: 'medium',
    purpose: 'search',
    system: 'You are a researcher.',
    turns: [{ role: 'user', text: 'What keeps the log?' }],
    tools: [SEARCH, SUBMIT_FINDINGS],
    mustCall: true,
    outputTokensMax: 2_000,
    tokensMax: 50_000,
    timeoutMs: 10_000,
    ...question,
  };
  return { question: asked, model, outputTokensMax: 8_000, without: new Set(), echoes: true, ...different };
}

/** Searches twice at once, then once more, then hands in. */
export const researcher: Character = {
  name: 'researcher',
  reply({ messages, choice }: Conversation) {
    const thinking = 'First the log, then the store, then I hand in.';
    const results = messages.filter(({ role }) => role === 'result').length;
    const search = (query: string) => call('search_documents', { query, limit: null });
    if (typeof choice === 'object' || results > 2) {
      return utterance({ thinking, calls: [call('submit_findings', { claims: [], gaps: ['nothing'] })] });
    }
    const text = 'I look it up — “log” 🔎. ';
    if (results > 1) return utterance({ thinking, text, calls: [search('keep')] });
    return utterance({ thinking, text, calls: [search('log'), search('store')] });
  },
};

/** Goes on until something is handed in, as an agent does; the last answer. At most `stepsMax` questions. */
export async function converse(provider: Provider, first: Call, stepsMax = 6): Promise<Outcome> {
  const turns: Turn[] = [...first.question.turns];
  for (let step = 0; step < stepsMax; step += 1) {
    const id = `${first.question.id}/${step}`;
    const outcome = await provider.ask({ ...first, question: { ...first.question, id, turns: [...turns] } }, NEVER);
    if (!outcome.ok || outcome.toolCalls.some(({ name }) => name === 'submit_findings')) return outcome;
    const { text, toolCalls, echo } = outcome;
    turns.push({ role: 'assistant', text, toolCalls, ...(echo && { echo }) });
    for (const [index, { id: callId, name }] of toolCalls.entries()) {
      turns.push({ role: 'tool', callId, name, text: `result ${index}`, failed: index === 1 });
    }
    if (toolCalls.length === 0) turns.push({ role: 'user', text: 'Answer with a tool call.' });
  }
  throw new Error('nothing was handed in');
}

export function failureIn(outcome: Outcome): Failure {
  if (outcome.ok) throw new Error(`answered: ${outcome.text}`);
  if (outcome.message.includes(KEY)) throw new Error('the key is in the message');
  return outcome;
}
