import { Critique, dataOf, Evidence } from '@troupe/contract';
import type { PlanPrompt, Question, ResearchPrompt, ReviewPrompt, WritePrompt } from '@troupe/contract';
import { z } from 'zod';

/** The prompt data that deterministic providers read: what comes over the bus is parsed, whoever built it. */
const NumberedSource = Evidence.extend({ number: z.int().positive() });

export const PlanData: z.ZodType<PlanPrompt> = z.object({
  goal: z.string(),
  roles: z.array(z.object({ name: z.string(), description: z.string() })),
  tasksMax: z.int().positive(),
});

export const ResearchData: z.ZodType<ResearchPrompt> = z.object({
  goal: z.string(),
  title: z.string(),
  instructions: z.string(),
});

export const WriteData: z.ZodType<WritePrompt> = z.object({
  goal: z.string(),
  title: z.string(),
  instructions: z.string(),
  claims: z.array(z.object({ text: z.string(), source: z.int().positive() })),
  sources: z.array(NumberedSource),
  gaps: z.array(z.string()),
  revision: z.object({ previous: z.string(), reasons: z.array(z.string()) }).exactOptional(),
});

export const ReviewData: z.ZodType<ReviewPrompt> = z.object({
  goal: z.string(),
  draft: z.string(),
  sources: z.array(NumberedSource),
  gaps: z.array(z.string()),
  problems: z.array(z.string()),
  round: z.int().positive(),
  previous: Critique.exactOptional(),
});

/** The data in the question's first user turn, or undefined if there is none of this shape. */
export function promptData<T>(question: Question, schema: z.ZodType<T>): T | undefined {
  const first = question.turns.find((turn) => turn.role === 'user');
  if (!first) return undefined;
  const parsed = schema.safeParse(readData(first.text));
  return parsed.success ? parsed.data : undefined;
}

/** Reading throws when the words before the data hold a JSON fence of their own. */
export function readData(text: string): unknown {
  try {
    return dataOf(text);
  } catch {
    return undefined;
  }
}
