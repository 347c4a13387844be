import type { Content } from '@troupe/contract';
import { ALLOW_SEARCH, policyOf, sealedPassage, sent, verdict } from './guard.fixture.ts';

const GOAL = 'How do ferries fare? See ferries.example and https://port.example/plan.';
const CITED = 'The survey is at https://survey.example/2026?id=7 and was made by ops@line.example.';
export const HOSTS = [
  'ferries.example',
  'port.example',
  'survey.example',
  'line.example',
  'policy.example',
  'a.policy.example',
];
export const KEY = `sk-${'Ab3dEf6hIj9kLmN0pQrStUv'}`;

export const policy = policyOf(
  ALLOW_SEARCH,
  `output: { link_hosts: ['policy.example', '*.policy.example'], image_hosts: ['img.example'], mask: [{ id: api-key, pattern: '\\bsk-[A-Za-z0-9_-]{16,}' }] }`,
);

type Proposal = Extract<Content, { type: 'output.proposed' }>['body'];
export const checked = (proposal: Partial<Proposal>) => {
  const sources = [sealedPassage({ path: 'a.md', startLine: 1, endLine: 2, text: CITED })];
  const body = { goal: GOAL, markdown: 'Text [1].', sources, ...proposal };
  const output = verdict(policy, sent('supervisor', 'run', { type: 'output.proposed', body }));
  if (output.type !== 'output.approved') throw new Error(`refused: ${JSON.stringify(output.body)}`);
  return output.body;
};
/** What leaves of a report without sources. */
export const report = (markdown: string): string => checked({ markdown, sources: [] }).markdown.trimEnd();
/** What leaves of a report that cites {@link CITED}. */
export const cited = (markdown: string): string => checked({ markdown }).markdown.split('\n\n## Sources')[0] ?? '';
