import type { Artifact, Message, MessageOf } from '@troupe/contract';
import { count } from './one-line.ts';

/** The tool whose result is passages; finding none is a result too. */
const SEARCH = 'search_documents';

const wordsIn = (markdown: string): number => markdown.split(/\s+/).filter(Boolean).length;

/** What a message says, in words; several lines only where its texts have them. */
export function phraseOf(message: Message): string {
  switch (message.type) {
    case 'run.started':
      return message.body.goal.goal;
    case 'run.rejected':
      return `rejects the goal: ${message.body.reason}`;
    case 'cancel.requested':
      return 'asks for the end of the run';
    case 'task.assigned': {
      const { title, instructions, round, inputs } = message.body;
      const again = round > 1 ? ` (round ${round})` : '';
      const given = inputs.length === 0 ? '' : ` Given: ${inputs.map(artifactPhrase).join('; ')}.`;
      return `"${title}"${again}: ${instructions}${given}`;
    }
    case 'task.completed': {
      const { artifact, shortfall } = message.body;
      return shortfall === undefined
        ? artifactPhrase(artifact)
        : `${artifactPhrase(artifact)}; less than asked for: ${shortfall}`;
    }
    case 'task.failed':
      return `failed: ${message.body.reason}`;
    case 'run.ended': {
      const { status, reason } = message.body;
      return reason === undefined ? status : `${status}: ${reason}`;
    }
    case 'answer.rejected':
      return `asks its model again: ${message.body.complaint}`;
    case 'noted':
      return message.body.what;
    case 'output.proposed':
      return `report for the output check: ${count(wordsIn(message.body.markdown), 'word')}, ${count(message.body.sources.length, 'source')}`;
    case 'output.approved':
      return `lets the report out${checkedPhrase(message.body)}`;
    case 'output.refused':
      return `does not let the report out: ${message.body.reason}`;
    default:
      return toolPhrase(message);
  }
}

/** What the guard changed: masked what must not leave, took the effect from what could have had one. */
function checkedPhrase({ masked, neutralised }: { masked: number; neutralised: number }): string {
  const places = [
    ...(masked === 0 ? [] : [`${count(masked, 'place')} masked`]),
    ...(neutralised === 0 ? [] : [`${count(neutralised, 'place')} made harmless`]),
  ];
  return places.map((place) => `, ${place}`).join('');
}

type ToolMessage = Extract<Message, { type: `tool.${string}` | `effect.${string}` | `grant.${string}` }>;

function toolPhrase(message: ToolMessage): string {
  switch (message.type) {
    case 'tool.requested':
      return callPhrase(message.body.tool, message.body.arguments);
    case 'tool.granted':
      return `allows ${callPhrase(message.body.grant.tool, message.body.arguments)}`;
    case 'tool.denied':
      return `denies ${message.body.tool}: ${message.body.reason} (rule ${message.body.rule})`;
    case 'tool.returned':
      return `${message.body.tool} → ${outcomePhrase(message)}`;
    case 'effect.started':
      return `starts ${message.body.tool}, which has an effect`;
    case 'grant.refused':
      return `refuses the grant for ${message.body.call}: ${message.body.reason}`;
  }
}

/** `search_documents "battery ferries"`, `read_document "a.md" startLine=3`. */
export function callPhrase(tool: string, args: Record<string, unknown>): string {
  const [first, ...rest] = Object.entries(args);
  if (first === undefined) return tool;
  const shown = typeof first[1] === 'string' ? JSON.stringify(first[1]) : `${first[0]}=${JSON.stringify(first[1])}`;
  return [tool, shown, ...rest.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(' ');
}

/** `6 passages`, or how the call failed. */
export function outcomePhrase({ body: { tool, outcome } }: MessageOf<'tool.returned'>): string {
  if (!outcome.ok) return `${outcome.kind}: ${outcome.message}`;
  const { content, evidence } = outcome;
  return evidence.length > 0 || tool === SEARCH ? count(evidence.length, 'passage') : content;
}

function artifactPhrase(artifact: Artifact): string {
  switch (artifact.kind) {
    case 'findings': {
      const { claims, gaps } = artifact;
      return gaps.length === 0
        ? count(claims.length, 'claim')
        : `${count(claims.length, 'claim')}, ${count(gaps.length, 'gap')}`;
    }
    case 'draft':
      return `draft: ${count(wordsIn(artifact.markdown), 'word')}, ${count(artifact.sources.length, 'source')}`;
    case 'critique':
      return artifact.verdict === 'accept' ? 'accepts the draft' : `asks for changes: ${artifact.reasons.join(' ')}`;
  }
}
