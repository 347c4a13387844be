import { z } from 'zod';
import {
  CLAIM_CHARS_MAX,
  CLAIMS_MAX,
  PASSAGE_CHARS_MAX,
  REPORT_CHARS_MAX,
  SEAL_CHARS_MAX,
  SOURCES_MAX,
  TEXT_CHARS_MAX,
} from './limits.ts';

/** Lines of a document of the corpus. `path` is relative to the corpus folder, with "/"; lines count from 1, both ends included. */
export const Passage = z.object({
  path: z.string().min(1).max(512),
  startLine: z.int().positive(),
  endLine: z.int().positive(),
});
export type Passage = z.infer<typeof Passage>;

/** A passage with its text, as a tool finds it and a model sees it. */
export const Evidence = Passage.extend({ text: z.string().max(PASSAGE_CHARS_MAX) });
export type Evidence = z.infer<typeof Evidence>;

/** A passage that a tool returned in this run: the executor's seal over run, place and text says so (base64url). */
export const SealedEvidence = Evidence.extend({ seal: z.string().min(1).max(SEAL_CHARS_MAX) });
export type SealedEvidence = z.infer<typeof SealedEvidence>;

/** What a claim may cite: a sealed passage, whole, and which of its lines are meant (all of them if left out). */
export const Source = SealedEvidence.extend({
  lines: z.object({ startLine: z.int().positive(), endLine: z.int().positive() }).optional(),
});
export type Source = z.infer<typeof Source>;

export const Claim = z.object({ text: z.string().min(1).max(CLAIM_CHARS_MAX), source: Source });
export type Claim = z.infer<typeof Claim>;

/** What a researcher found: claims that each cite evidence, and what it could not find. */
export const Findings = z.object({
  kind: z.literal('findings'),
  claims: z.array(Claim).max(CLAIMS_MAX),
  gaps: z.array(z.string().max(TEXT_CHARS_MAX)).max(CLAIMS_MAX),
});
export type Findings = z.infer<typeof Findings>;

/** A text whose marks `[n]` point to `sources[n - 1]`. */
export const Draft = z.object({
  kind: z.literal('draft'),
  markdown: z.string().min(1).max(REPORT_CHARS_MAX),
  sources: z.array(Source).max(SOURCES_MAX),
});
export type Draft = z.infer<typeof Draft>;

export const Critique = z.object({
  kind: z.literal('critique'),
  verdict: z.enum(['accept', 'revise']),
  reasons: z.array(z.string().max(TEXT_CHARS_MAX)).max(16),
});
export type Critique = z.infer<typeof Critique>;

/** What tasks take in and hand on. */
export const Artifact = z.discriminatedUnion('kind', [Findings, Draft, Critique]);
export type Artifact = z.infer<typeof Artifact>;
