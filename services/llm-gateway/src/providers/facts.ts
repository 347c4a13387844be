import { Critique, Evidence } from '@troupe/contract';
import type { PlanFacts, Question, ResearchFacts, ReviewFacts, TextFacts, WriteFacts } from '@troupe/contract';
import { z } from 'zod';

/** The facts that deterministic providers work from: what comes over the bus is parsed, whoever built it. */
const NumberedSource = Evidence.extend({ number: z.int().positive() });

export const PlanData: z.ZodType<PlanFacts> = z.object({
  goal: z.string(),
  roles: z.array(z.object({ name: z.string(), description: z.string() })),
  tasksMax: z.int().positive(),
});

export const ResearchData: z.ZodType<ResearchFacts> = z.object({
  goal: z.string(),
  title: z.string(),
  instructions: z.string(),
});

export const WriteData: z.ZodType<WriteFacts> = z.object({
  goal: z.string(),
  title: z.string(),
  instructions: z.string(),
  claims: z.array(z.object({ text: z.string(), source: z.int().positive() })),
  sources: z.array(NumberedSource),
  gaps: z.array(z.string()),
  revision: z.object({ previous: z.string(), reasons: z.array(z.string()) }).exactOptional(),
});

export const ReviewData: z.ZodType<ReviewFacts> = z.object({
  goal: z.string(),
  draft: z.string(),
  sources: z.array(NumberedSource),
  gaps: z.array(z.string()),
  problems: z.array(z.string()),
  round: z.int().positive(),
  previous: Critique.exactOptional(),
});

export const TextData: z.ZodType<TextFacts> = z.object({ text: z.string() });

/** The question's facts, or undefined if there are none of this shape. */
export function factsOf<T>({ facts }: Question, schema: z.ZodType<T>): T | undefined {
  const parsed = schema.safeParse(facts);
  return parsed.success ? parsed.data : undefined;
}

/** The tools that may be called now. */
export const callable = ({ tools, only }: Question): Question['tools'] =>
  only === undefined ? tools : tools.filter(({ name }) => name === only);
