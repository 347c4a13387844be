import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUBMIT_FINDINGS } from '@troupe/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Company, type CompanyOptions, crashOf } from './company.fixture.ts';
import { type Ask, calling, offers, providerAsk } from './gateway.fixture.ts';

let dataFolder = '';
let company: Company | undefined;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'troupe-effects-'));
});
afterEach(async () => {
  await company?.stop();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** Rules that let researchers write notes. */
const POLICY = `
version: notes-1
rules:
  - { id: notes, tools: [append_note], roles: [researcher], effect: allow }
`;

/** Two researchers who each write some notes with one answer, then hand in. */
async function noting(notes: number): Promise<Ask> {
  const scripted = await providerAsk('scripted');
  return (question) => {
    if (!offers(question, SUBMIT_FINDINGS.name) || question.turns.some(({ role }) => role === 'tool'))
      return scripted(question);
    const calls = Array.from({ length: notes }, (_, index) => ({
      name: 'append_note',
      arguments: { text: `${question.id} ${index}` },
    }));
    return Promise.resolve(calling(...calls));
  };
}

async function run(notes: number, options: CompanyOptions = {}) {
  company = await Company.start({ model: await noting(notes), policy: POLICY, dataFolder, ...options });
  const journey = await company.run('Note it.');
  const file = readFileSync(join(dataFolder, 'notes.jsonl'), 'utf8').trim().split('\n');
  const outcomes = journey.messages.flatMap((message) =>
    message.type === 'tool.returned' ? [message.body.outcome.ok ? 'ok' : message.body.outcome.kind] : [],
  );
  return { statuses: journey.ends.map(({ body }) => body.status), file, outcomes };
}

describe('a tool with an effect', () => {
  it('has its effect once per call, and each call is answered', async () => {
    expect(await run(1)).toMatchObject({ statuses: ['completed'], outcomes: ['ok', 'ok'], file: { length: 2 } });
  });

  it('has its effect once per call when two executors serve the calls of one answer', async () => {
    const { statuses, outcomes, file } = await run(4, { replicas: 2 });
    expect(statuses).toEqual(['completed']);
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => 'ok'));
    expect(new Set(file).size).toBe(8);
    expect(file).toHaveLength(8);
  });

  it.each([1, 2, 3, 4, 5, 6].flatMap((effect) => [[effect, 'before'] as const, [effect, 'after'] as const]))(
    'is not repeated, and its call is answered, when its executor dies at effect %i (%s)',
    async (effect, moment) => {
      const { statuses, outcomes, file } = await run(2, {
        replicas: 2,
        prepare: crashOf('tool-executor', effect, moment),
      });
      expect(statuses).toEqual(['completed']);
      expect(outcomes).toHaveLength(4);
      expect(new Set(file).size).toBe(file.length);
      expect(file.length).toBeLessThanOrEqual(4);
      expect(file.length).toBeGreaterThanOrEqual(outcomes.filter((outcome) => outcome === 'ok').length);
    },
  );
});
