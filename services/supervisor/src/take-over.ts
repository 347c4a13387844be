import { renumber } from '@troupe/agent';
import {
  type Artifact,
  type Claim,
  type Critique,
  CRITIQUE_BYTES_MAX,
  type Draft,
  type Findings,
  FINDINGS_BYTES_MAX,
  GAPS_BYTES_MAX,
  type Input,
  isWithinPassage,
  type MessageOf,
  REPORT_BYTES_MAX,
  type RunRef,
  type Source,
  TEXT_CHARS_MAX,
} from '@troupe/contract';
import type { SupervisorConfig } from './config.ts';
import { isWithinBytes, jsonBytes, NOTHING_LEFT, textsWithin, textWithin } from './size.ts';

/**
 * What the supervisor takes over of what workers send, before it decides or remembers anything: claims whose sources a
 * tool returned in this run, and no more bytes than the messages that it will write can hold. Pure.
 */
export function takeOver(config: SupervisorConfig, input: Input): Input {
  return input.type === 'task.completed' ? completed(config, input) : input;
}

function completed(config: SupervisorConfig, input: Extract<Input, { type: 'task.completed' }>): Input {
  const { artifact, shortfall } = input.body;
  const { kept, losses } = bounded(config, input, artifact);
  if (kept === artifact) return input;
  const short = [...(shortfall === undefined ? [] : [shortfall]), ...losses].join('; ').slice(0, TEXT_CHARS_MAX);
  const body: MessageOf<'task.completed'>['body'] = { ...input.body, artifact: kept };
  return { ...input, body: short === '' ? body : { ...body, shortfall: short } };
}

function bounded(config: SupervisorConfig, ref: RunRef, artifact: Artifact): { kept: Artifact; losses: string[] } {
  switch (artifact.kind) {
    case 'findings':
      return believed(config, ref, artifact);
    case 'draft': {
      const markdown = textWithin(artifact.markdown, REPORT_BYTES_MAX);
      if (markdown === artifact.markdown) return { kept: artifact, losses: [] };
      return { kept: { ...artifact, markdown }, losses: ['the draft was cut: it is too large'] };
    }
    case 'critique':
      return { kept: withReasonsWithin(artifact), losses: [] };
  }
}

/** Findings without the claims that nothing supports, and without those that do not fit; both are counted as gaps. */
function believed(config: SupervisorConfig, ref: RunRef, findings: Findings): { kept: Findings; losses: string[] } {
  const sealed = findings.claims.filter(({ source }) => isWithinPassage(source) && config.isSealed(ref, source));
  const claims = within(sealed, FINDINGS_BYTES_MAX);
  const gaps = textsWithin(findings.gaps, GAPS_BYTES_MAX);
  if (claims.length === findings.claims.length && gaps === findings.gaps) return { kept: findings, losses: [] };
  const losses = [
    ...counted(findings.claims.length - sealed.length, 'no tool returned their sources in this run'),
    ...counted(sealed.length - claims.length, 'the findings would be too large'),
  ];
  // Two of the gaps give way to these, where there are as many as may be.
  return { kept: { ...findings, claims, gaps: [...gaps.slice(0, GAPS_KEPT_MAX), ...losses] }, losses };
}

const GAPS_KEPT_MAX = 22;

const counted = (count: number, why: string): string[] =>
  count === 0 ? [] : [`${count} claim(s) were left out: ${why}.`];

/** The first claims that fit. */
function within(claims: readonly Claim[], bytesMax: number): Claim[] {
  if (isWithinBytes(claims, bytesMax)) return [...claims];
  let bytes = 0;
  return claims.filter((claim) => (bytes += jsonBytes(claim)) <= bytesMax);
}

function withReasonsWithin(critique: Critique): Critique {
  const reasons = textsWithin(critique.reasons, CRITIQUE_BYTES_MAX);
  return reasons === critique.reasons ? critique : { ...critique, reasons };
}

const keyOf = ({ seal, lines }: Source): string => `${seal} ${lines?.startLine ?? ''}-${lines?.endLine ?? ''}`;

/**
 * A draft with the sources that findings of this run hold, as the supervisor has them: who writes or reviews cannot add
 * one. Marks of all others are taken out; `lost` counts those sources.
 */
export function withKnownSources(draft: Draft, artifacts: readonly Artifact[]): { draft: Draft; lost: number } {
  const claims = artifacts.flatMap((artifact) => (artifact.kind === 'findings' ? artifact.claims : []));
  const known = new Map(claims.map(({ source }) => [keyOf(source), source]));
  const sources = draft.sources.map((source) => known.get(keyOf(source)));
  const held = sources.filter((source) => source !== undefined);
  if (held.length === sources.length && new Set(held).size === held.length)
    return { draft: { ...draft, sources: held }, lost: 0 };
  const { markdown, sources: cited } = renumber(draft.markdown, sources);
  return {
    draft: { ...draft, markdown: markdown === '' ? NOTHING_LEFT : markdown, sources: cited },
    lost: sources.length - held.length,
  };
}
