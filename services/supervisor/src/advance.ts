import type { Artifact, Critique, Draft, Outgoing, Token } from '@troupe/contract';
import { INPUTS_BYTES_MAX } from '@troupe/contract';
import { budgetFor } from './budget.ts';
import type { SupervisorConfig } from './config.ts';
import { partialDraft, proposed } from './report.ts';
import { artifactsWithin } from './size.ts';
import { type Node, reviewToken, type Running, shortfallOf, workToken } from './state.ts';

/** What comes next in a run: tasks to hand out, the output check, or the end. Nothing if others are at work. */
export function advance(config: SupervisorConfig, run: Running): Outgoing[] {
  const last = lastNode(run);
  if (run.stopped !== undefined || outcomeOf(config, run, last) === 'failed') return [propose(run, last, true)];
  if (outcomeOf(config, run, last) === 'done') return [propose(run, last, false)];
  // Each task handed out takes its share before the next is computed.
  return run.nodes.flatMap((node) => nextWork(config, run, node)).reduce<Handed>(hand(config), { outputs: [], run })
    .outputs;
}

interface Handed {
  outputs: Outgoing[];
  run: Running;
}

interface Work {
  node: Node;
  to: Token;
  token: Token;
  round: number;
  title: string;
  instructions: string;
  inputs: Artifact[];
}

const hand =
  (config: SupervisorConfig) =>
  ({ outputs, run }: Handed, work: Work): Handed => {
    const budget = budgetFor(config, run, work.node);
    const { to, token, title, instructions, round } = work;
    const inputs = artifactsWithin(work.inputs, INPUTS_BYTES_MAX);
    const tools = config.toolUsers.includes(work.to) ? [...config.tools] : [];
    const { model } = run.options;
    const pinned = model === undefined ? {} : { model };
    const body = { goal: run.goal, title, instructions, ...pinned, tools, inputs, round };
    const { toolCalls, deadlineAt } = budget;
    const holder = { run: run.run, task: token, tenant: run.tenant, assignee: to };
    const assigned: Outgoing = {
      type: 'task.assigned',
      // Only tasks that may call tools need the supervisor's word for it.
      body:
        tools.length > 0 && toolCalls > 0
          ? { ...body, warrant: config.warrant(holder, { tools, toolCalls, deadlineAt }) }
          : body,
      to,
      task: token,
      budget,
      integrity: inputs.length > 0 ? 'outside' : 'user',
    };
    const nodes = run.nodes.map((node): Node => (node.id === work.node.id ? { ...node, phase: 'working' } : node));
    return { outputs: [...outputs, assigned], run: { ...run, nodes, granted: { ...run.granted, [token]: budget } } };
  };

function nextWork(config: SupervisorConfig, run: Running, node: Node): Work[] {
  const { title, instructions } = node;
  switch (node.phase) {
    case 'waiting': {
      const isReady = dependenciesOf(run, node).every((dependency) => outcomeOf(config, run, dependency) !== 'open');
      if (!isReady || outcomeOf(config, run, node) === 'failed') return [];
      return [
        { node, to: node.role, token: workToken(node, 1), round: 1, title, instructions, inputs: inputsOf(run, node) },
      ];
    }
    case 'worked': {
      if (!needsReview(config, node) || config.reviewer === undefined) return [];
      const inputs = [...findingsOf(run, node), ...present(node.critique), ...present(node.artifact)];
      return [
        {
          node,
          to: config.reviewer,
          token: reviewToken(node),
          round: node.round,
          title: `Review: ${title}`.slice(0, 200),
          instructions,
          inputs,
        },
      ];
    }
    case 'reviewed': {
      if (outcomeOf(config, run, node) !== 'open') return [];
      const inputs = [...inputsOf(run, node), ...present(node.artifact), ...present(node.critique)];
      return [
        {
          node,
          to: node.role,
          token: workToken(node, node.round + 1),
          round: node.round + 1,
          title,
          instructions,
          inputs,
        },
      ];
    }
    default:
      return [];
  }
}

const present = <T extends Artifact | Critique>(artifact: T | undefined): T[] =>
  artifact === undefined ? [] : [artifact];

/** Whether a node is finished, can never be, or neither. A task fails with its inputs only if it would have none. */
function outcomeOf(config: SupervisorConfig, run: Running, node: Node): 'done' | 'failed' | 'open' {
  switch (node.phase) {
    case 'settled':
      return 'done';
    case 'failed':
      return 'failed';
    case 'worked':
      return needsReview(config, node) ? 'open' : 'done';
    case 'reviewed':
      return node.critique?.verdict === 'accept' || node.round > run.options.revisions_max ? 'done' : 'open';
    case 'waiting': {
      const outcomes = dependenciesOf(run, node).map((dependency) => outcomeOf(config, run, dependency));
      return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'failed') ? 'failed' : 'open';
    }
    default:
      return 'open';
  }
}

const needsReview = (config: SupervisorConfig, { role, artifact }: Node): boolean =>
  config.reviewer !== undefined && role === config.reviewed && artifact?.kind === 'draft';

const dependenciesOf = ({ nodes }: Running, { dependsOn }: Node): Node[] =>
  nodes.filter(({ id }) => dependsOn.includes(id));

/** What the tasks before it made. A failed one is a gap that the reader is told of. */
function inputsOf(run: Running, node: Node): Artifact[] {
  return dependenciesOf(run, node).map(
    ({ artifact, title, shortfall }): Artifact =>
      artifact ?? { kind: 'findings', claims: [], gaps: [`${title}: not answered (${shortfall ?? 'not finished'}).`] },
  );
}

/** What a reviewer needs beside the draft: the gaps. The evidence is in the draft's sources already. */
function findingsOf(run: Running, node: Node): Artifact[] {
  return inputsOf(run, node).flatMap((input): Artifact[] =>
    input.kind === 'findings' && input.gaps.length > 0 ? [{ ...input, claims: [] }] : [],
  );
}

/** The task that nothing depends on: its result is the run's. */
function lastNode({ nodes }: Running): Node {
  const last = nodes.find(({ id }) => !nodes.some(({ dependsOn }) => dependsOn.includes(id)));
  if (last === undefined) throw new Error('a plan without a last task was accepted');
  return last;
}

function propose(run: Running, last: Node, isPartial: boolean): Outgoing {
  const draft = bestDraft(run, last, isPartial);
  return proposed(run, draft, shortfallOf(run).reason);
}

function bestDraft(run: Running, last: Node, isPartial: boolean): Draft {
  if (last.artifact?.kind === 'draft') return last.artifact;
  const earlier = isPartial ? run.nodes.findLast(({ artifact }) => artifact?.kind === 'draft')?.artifact : undefined;
  return earlier?.kind === 'draft' ? earlier : partialDraft(run, isPartial);
}
