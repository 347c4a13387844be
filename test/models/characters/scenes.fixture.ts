import type { Conversation, Heard, OfferedTool, SpokenCall, Utterance } from '../character.ts';

const tool = (name: string): OfferedTool => ({ name, description: '', parameters: { type: 'object' }, strict: false });

const SYSTEM = 'You do one part of the work.';

function scene(text: string, tools: readonly string[], more: readonly Heard[] = []): Conversation {
  return {
    system: SYSTEM,
    messages: [{ role: 'user', text }, ...more],
    tools: tools.map(tool),
    choice: 'auto',
    parallelCalls: true,
    effort: 'low',
  };
}

export const GOAL = 'How do bumblebees heat their nests, and when do they forage?';

export const planning = (...more: Heard[]) =>
  scene(
    `## Goal\n${GOAL}\n\n## Roles\n- researcher: searches\n- writer: writes\n\n## Limits\nAt most 4 tasks.`,
    ['submit_plan'],
    more,
  );

export const researching = (...more: Heard[]) =>
  scene(
    `## Question\nNest heat\nFind how bumblebees heat their nests.\n\n## The goal that it is part of\n${GOAL}`,
    ['search_documents', 'read_document', 'submit_findings'],
    more,
  );

export const writing = (...more: Heard[]) =>
  scene(
    [
      `## Goal\n${GOAL}`,
      '## Your task\nWrite\nWrite the report.',
      '## Claims\n- Bumblebees shiver to heat the nest. [1]\n- They forage at dawn. [2]\n- They forage at dawn. [2]',
      '## Sources\n[1] bees/nest.md, lines 3–4\nBumblebees shiver to heat the nest.\n[2] bees/forage.md, lines 1–1\nThey forage at dawn.',
      '## What the documents do not answer\n- How they find their way.',
    ].join('\n\n'),
    ['submit_draft'],
    more,
  );

export const reviewing = (draft: string, problems: readonly string[] = []) =>
  scene(
    [
      `## Goal\n${GOAL}`,
      `## The draft, round 1\n${draft}`,
      '## Its sources\n[1] bees/nest.md, lines 3–4\nBumblebees shiver to heat the nest.',
      ...(problems.length === 0 ? [] : [`## What checks found wrong\n${problems.map((one) => `- ${one}`).join('\n')}`]),
    ].join('\n\n'),
    ['submit_review'],
  );

export const CLOSED: Heard = { role: 'user', text: 'No more tool calls are allowed. Hand in with submit_findings.' };

export const passage = (path: string, text: string) => ({ path, startLine: 3, endLine: 4, text, score: 1 });

/** A search as it was made, with what came of it. */
export function searched(results: readonly object[], nth = 1): Heard[] {
  const id = `call_${nth}`;
  return [
    { role: 'assistant', text: '', calls: [{ id, name: 'search_documents', arguments: { query: 'q' } }] },
    { role: 'result', callId: id, text: JSON.stringify({ results, total: results.length }), failed: false },
  ];
}

export const argumentsOf = (spoken: SpokenCall | undefined): Record<string, unknown> =>
  JSON.parse(spoken?.argumentsJson ?? '{}') as Record<string, unknown>;

export const namesOf = ({ calls }: Utterance): string[] => calls.map(({ name }) => name);
