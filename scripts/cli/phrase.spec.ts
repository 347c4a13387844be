import { Message } from '@troupe/contract';
import { describe, expect, it } from 'vitest';
import { phraseOf } from './phrase.ts';

const approved = (masked: number, neutralised: number): Message =>
  Message.parse({
    type: 'output.approved',
    body: { markdown: 'Text.', masked, neutralised },
    id: 'policy-guard.run.0',
    run: '01990000-0000-7000-8000-000000000001',
    task: 'run',
    v: 1,
    decider: 'v1',
    at: 1,
    cause: 'supervisor.run.0',
    tenant: 'default',
    budget: { tokens: 0, toolCalls: 0, steps: 0, deadlineAt: 0 },
    integrity: 'outside',
  });

describe('what the guard says of a report', () => {
  it.each([
    [0, 0, 'lets the report out'],
    [1, 0, 'lets the report out, 1 place masked'],
    [2, 3, 'lets the report out, 2 places masked, 3 places made harmless'],
  ])('with %i masked and %i harmless places is told in numbers', (masked, neutralised, phrase) => {
    expect(phraseOf(approved(masked, neutralised))).toBe(phrase);
  });
});
