import type { Critique, Evidence } from './artifact.ts';

/**
 * What a question is about, beside its prompt: deterministic providers (offline, scripted) work from it, and no model ever
 * sees it. A prompt is written for models alone.
 */
export interface PlanFacts {
  goal: string;
  roles: { name: string; description: string }[];
  tasksMax: number;
}
export interface ResearchFacts {
  goal: string;
  title: string;
  instructions: string;
}
export interface WriteFacts {
  goal: string;
  title: string;
  instructions: string;
  claims: { text: string; source: number }[];
  sources: (Evidence & { number: number })[];
  gaps: string[];
  /** Present on a revision. */
  revision?: { previous: string; reasons: string[] };
}
export interface ReviewFacts {
  goal: string;
  draft: string;
  sources: (Evidence & { number: number })[];
  gaps: string[];
  /** What the deterministic checks already found wrong. */
  problems: string[];
  round: number;
  previous?: Critique;
}
/** Of work on a text, by roles that the deterministic providers know nothing of. */
export interface TextFacts {
  text: string;
}
