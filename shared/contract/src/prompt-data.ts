import type { Critique, Evidence } from './artifact.ts';

/**
 * The data that an agent puts into its prompt, as one fenced JSON block at the end of the first user turn.
 * Models read it as text; deterministic providers parse it. Building and reading it here keeps both ends in step.
 */
export interface PlanPrompt {
  goal: string;
  roles: { name: string; description: string }[];
  tasksMax: number;
}
export interface ResearchPrompt {
  goal: string;
  title: string;
  instructions: string;
}
export interface WritePrompt {
  goal: string;
  title: string;
  instructions: string;
  claims: { text: string; source: number }[];
  sources: (Evidence & { number: number })[];
  gaps: string[];
  /** Present on a revision. */
  revision?: { previous: string; reasons: string[] };
}
export interface ReviewPrompt {
  goal: string;
  draft: string;
  sources: (Evidence & { number: number })[];
  gaps: string[];
  /** What the deterministic checks already found wrong. */
  problems: string[];
  round: number;
  previous?: Critique;
}

const FENCE = /```json\n([\s\S]*?)\n```\s*$/;

/** The text of a first user turn: the request in words, then the data as a fenced JSON block. */
export function withData(words: string, data: object): string {
  return `${words}\n\n\`\`\`json\n${JSON.stringify(data)}\n\`\`\``;
}

/** The data of a turn built by {@link withData}, or undefined if there is none. */
export function dataOf(text: string): unknown {
  const json = FENCE.exec(text)?.[1];
  return json === undefined ? undefined : JSON.parse(json);
}
