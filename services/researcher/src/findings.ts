import type { Claim, Evidence, Findings, FindingsSubmission, Passage } from '@troupe/contract';

/**
 * Findings of which every claim cites lines that a tool returned; `unsupported` counts the claims left out because
 * they do not. This is code, not a request to the model: a citation that does not resolve cannot get through.
 */
export function findingsFrom(
  submission: FindingsSubmission,
  evidence: readonly Evidence[],
): { findings: Findings; unsupported: number } {
  const claims = submission.claims.flatMap(({ text, source }): Claim[] => {
    const found = supporting(source, evidence);
    return found === undefined ? [] : [{ text, source: found }];
  });
  const unsupported = submission.claims.length - claims.length;
  const gaps =
    unsupported === 0
      ? submission.gaps
      : [
          ...submission.gaps.slice(0, 20),
          `${unsupported} claim(s) were left out: their sources could not be resolved.`,
        ];
  return { findings: { kind: 'findings', claims, gaps }, unsupported };
}

/** The cited lines with their text, cut from the smallest returned passage that holds them. */
function supporting(cited: Passage, evidence: readonly Evidence[]): Evidence | undefined {
  const holders = evidence.filter(
    ({ path, startLine, endLine }) =>
      path === cited.path &&
      startLine <= cited.startLine &&
      cited.endLine <= endLine &&
      cited.startLine <= cited.endLine,
  );
  const [holder] = holders.toSorted((a, b) => a.endLine - a.startLine - (b.endLine - b.startLine));
  if (holder === undefined) return undefined;
  const text = holder.text
    .split('\n')
    .slice(cited.startLine - holder.startLine, cited.endLine - holder.startLine + 1)
    .join('\n');
  return {
    path: cited.path,
    startLine: cited.startLine,
    endLine: cited.endLine,
    text: text === '' ? holder.text : text,
  };
}
