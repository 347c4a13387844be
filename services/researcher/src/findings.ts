import {
  type Claim,
  type Findings,
  FINDINGS_BYTES_MAX,
  type FindingsSubmission,
  type Passage,
  type SealedEvidence,
  type Source,
} from '@troupe/contract';

/**
 * Findings of which every claim cites lines that a tool returned; `unsupported` counts the claims left out because
 * they do not. This is code, not a request to the model: a citation that does not resolve cannot get through.
 */
export function findingsFrom(
  submission: FindingsSubmission,
  evidence: readonly SealedEvidence[],
): { findings: Findings; unsupported: number } {
  const supported = submission.claims.flatMap(({ text, source }): Claim[] => {
    const found = supporting(source, evidence);
    return found === undefined ? [] : [{ text, source: found }];
  });
  const claims = withinBytes(supported);
  const unsupported = submission.claims.length - supported.length;
  const tooMany = supported.length - claims.length;
  const gaps = [
    ...submission.gaps.slice(0, GAPS_KEPT_MAX).map((gap) => gap.slice(0, GAP_CHARS_MAX)),
    ...(unsupported > 0 ? [`${unsupported} claim(s) were left out: their sources could not be resolved.`] : []),
    ...(tooMany > 0 ? [`${tooMany} claim(s) were left out: the findings would be too large.`] : []),
  ];
  return { findings: { kind: 'findings', claims, gaps }, unsupported };
}

const GAPS_KEPT_MAX = 8;
const GAP_CHARS_MAX = 400;
const encoder = new TextEncoder();

/** The first claims that fit into the bound of one findings artifact. */
function withinBytes(claims: readonly Claim[]): Claim[] {
  let bytes = 0;
  return claims.filter((claim) => (bytes += encoder.encode(JSON.stringify(claim)).length) <= FINDINGS_BYTES_MAX);
}

/** The smallest returned passage that holds the cited lines, whole, because its seal is over all of it. */
function supporting(cited: Passage, evidence: readonly SealedEvidence[]): Source | undefined {
  const holders = evidence.filter(
    ({ path, startLine, endLine }) =>
      path === cited.path &&
      startLine <= cited.startLine &&
      cited.endLine <= endLine &&
      cited.startLine <= cited.endLine,
  );
  const [holder] = holders.toSorted((a, b) => a.endLine - a.startLine - (b.endLine - b.startLine));
  if (holder === undefined) return undefined;
  const { startLine, endLine } = cited;
  const isWhole = startLine === holder.startLine && endLine === holder.endLine;
  return isWhole ? holder : { ...holder, lines: { startLine, endLine } };
}
