import { z } from 'zod';
import { Critique, Passage } from './artifact.ts';
import { CLAIM_CHARS_MAX, CLAIMS_MAX, PLAN_TASKS_MAX, REPORT_CHARS_MAX, TEXT_CHARS_MAX } from './limits.ts';
import { Token } from './identifiers.ts';
import type { ToolOffer } from './model.ts';

/**
 * What models hand in. Every agent offers its model exactly one `submit_…` tool beside the real tools,
 * so that a final answer travels the same tool-calling protocol, and is checked by the same kind of schema,
 * as a tool call.
 */
export const PlannedTask = z.object({
  id: Token.describe('short name, for example "r1"'),
  role: Token.describe('one of the roles listed'),
  title: z.string().min(1).max(200),
  instructions: z.string().min(1).max(TEXT_CHARS_MAX),
  dependsOn: z.array(Token).max(PLAN_TASKS_MAX).describe('ids of tasks whose results this task needs'),
});
export type PlannedTask = z.infer<typeof PlannedTask>;

export const PlanSubmission = z.object({ tasks: z.array(PlannedTask).min(1).max(PLAN_TASKS_MAX) });
export type PlanSubmission = z.infer<typeof PlanSubmission>;

export const FindingsSubmission = z.object({
  claims: z
    .array(
      z.object({
        text: z.string().min(1).max(CLAIM_CHARS_MAX),
        source: Passage.describe('a passage that a tool returned'),
      }),
    )
    .max(CLAIMS_MAX),
  gaps: z.array(z.string().max(TEXT_CHARS_MAX)).max(CLAIMS_MAX).describe('what the documents do not answer'),
});
export type FindingsSubmission = z.infer<typeof FindingsSubmission>;

export const DraftSubmission = z.object({
  markdown: z
    .string()
    .min(1)
    .max(REPORT_CHARS_MAX)
    .describe('the report; each sentence of fact ends with its source as [n]; no list of sources'),
});
export type DraftSubmission = z.infer<typeof DraftSubmission>;

export const ReviewSubmission = Critique.omit({ kind: true });
export type ReviewSubmission = z.infer<typeof ReviewSubmission>;

const offer = (name: string, description: string, schema: z.ZodType): ToolOffer => ({
  name,
  description,
  parameters: z.toJSONSchema(schema),
});

/** The tools by which models hand in their work; the names are stable, providers and tests may rely on them. */
export const SUBMIT_PLAN = offer(
  'submit_plan',
  'Hand in the plan: tasks for the listed roles, as a graph without cycles.',
  PlanSubmission,
);
export const SUBMIT_FINDINGS = offer(
  'submit_findings',
  'Hand in what you found; each claim cites a passage that a tool returned.',
  FindingsSubmission,
);
export const SUBMIT_DRAFT = offer('submit_draft', 'Hand in the report in Markdown.', DraftSubmission);
export const SUBMIT_REVIEW = offer(
  'submit_review',
  'Accept the draft, or ask for changes with reasons.',
  ReviewSubmission,
);
