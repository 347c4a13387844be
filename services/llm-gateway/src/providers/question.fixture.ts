import type { Question, Turn } from '@troupe/contract';
import { SUBMIT_FINDINGS } from '@troupe/contract';

export const SEARCH = {
  name: 'search_documents',
  description: 'Search the documents.',
  parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
};

/** A question as a researcher asks it, with what a test wants to differ. */
export function questionOf(different: Partial<Question> = {}): Question {
  return {
    id: '0190a8d4-0000-7000-8000-000000000001/r1/0',
    tenant: 'default',
    run: '0190a8d4-0000-7000-8000-000000000001',
    role: 'researcher',
    tier: 'low',
    purpose: 'search',
    system: 'You are a researcher.',
    turns: [{ role: 'user', text: 'What keeps the log?' }],
    tools: [SEARCH, SUBMIT_FINDINGS],
    mustCall: true,
    outputTokensMax: 2_000,
    tokensMax: 50_000,
    timeoutMs: 10_000,
    ...different,
  };
}

/** A model's two calls at once, and their results, the second a failure. */
export const TWO_CALLS_ANSWERED: Turn[] = [
  {
    role: 'assistant',
    text: 'I search.',
    toolCalls: [
      { id: 'call_a', name: 'search_documents', arguments: { query: 'log' } },
      { id: 'call_b', name: 'search_documents', arguments: { query: 'store' } },
    ],
  },
  { role: 'tool', callId: 'call_a', name: 'search_documents', text: '{"results":[]}', failed: false },
  { role: 'tool', callId: 'call_b', name: 'search_documents', text: 'denied', failed: true },
];
