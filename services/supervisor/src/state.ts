import { addSpent, costOf, NOTHING_SPENT, turnOf } from '@troupe/agent';
import { cut, parseMessageId, QUOTE_CHARS_MAX, REASON_CHARS_MAX } from '@troupe/contract';
import type {
  Answer,
  Artifact,
  Budget,
  Critique,
  Draft,
  GoalOptions,
  Input,
  MessageOf,
  Outgoing,
  PlanSubmission,
  RunId,
  Spent,
  Token,
  Turn,
} from '@troupe/contract';
import type { Entry } from '@troupe/decider';
import { planOf } from './plan.ts';
import { reckoned } from './reckoned.ts';
import { withKnownSources } from './take-over.ts';

/** One task of the plan. Each round of work and each review is an actor of its own, with its own task token. */
export interface Node {
  id: Token;
  role: Token;
  title: string;
  instructions: string;
  dependsOn: Token[];
  /** `worked`: there is an artifact; `reviewed`: and a critique of it; `settled`: nothing more can be done about it. */
  phase: 'waiting' | 'working' | 'worked' | 'reviewing' | 'reviewed' | 'settled' | 'failed';
  round: number;
  /** Task token of the work under way, and who has it. */
  token: Token;
  assignee: Token;
  artifact?: Artifact;
  critique?: Critique;
  shortfall?: string;
  /** Its worker claimed to have spent more than anybody could have. */
  isImplausible?: true;
}

export interface Facts {
  run: RunId;
  tenant: Token;
  goal: string;
  options: GoalOptions;
  startedAt: number;
  deadlineAt: number;
  spent: Spent;
}

export interface Planning extends Facts {
  status: 'planning';
  turns: Turn[];
  rejected: number;
}
export interface Running extends Facts {
  status: 'running';
  nodes: Node[];
  /** Budgets that are out with tasks, by task token. */
  granted: Readonly<Record<Token, Budget>>;
  /** Set when a limit ended the work: why. */
  stopped?: string;
}
export interface Checking extends Facts {
  status: 'checking';
  draft: Draft;
  /** The result is less than was asked for. */
  isShort: boolean;
  /** The result as the guard let it out, or why it did not. */
  verdict?: { ok: true; markdown: string; reason: string | undefined } | { ok: false; reason: string };
}
export type State = { status: 'idle' } | Planning | Running | Checking | { status: 'ended' };
export const initial: State = { status: 'idle' };

export function evolve(state: State, entry: Entry<Input, Outgoing>): State {
  return entry.kind === 'input' ? afterInput(state, entry.input) : afterOutput(state, entry.output);
}

function afterInput(state: State, input: Input): State {
  if (state.status === 'idle' && input.type === 'run.started') return planningFor(input);
  if (state.status === 'planning' && input.type === 'answer.rejected') {
    return {
      ...state,
      turns: [...state.turns, { role: 'user', text: input.body.complaint }],
      rejected: state.rejected + 1,
    };
  }
  if (state.status === 'checking' && input.type === 'output.approved')
    return { ...state, verdict: { ok: true, markdown: input.body.markdown, reason: input.body.reason } };
  if (state.status === 'checking' && input.type === 'output.refused')
    return { ...state, verdict: { ok: false, reason: input.body.reason } };
  if (state.status !== 'running') return state;
  switch (input.type) {
    case 'task.completed':
      return afterTask(state, input, (node) => completed(state, node, input));
    case 'task.failed':
      return afterTask(state, input, (node) => failed(node, input));
    case 'deadline':
      return { ...state, stopped: `the deadline of ${state.options.deadline_ms} ms was reached` };
    default:
      return state;
  }
}

function planningFor(input: Extract<Input, { type: 'run.started' }>): Planning {
  const { run, tenant, storedAt: startedAt } = input;
  const { goal, options } = input.body.goal;
  const times = { startedAt, deadlineAt: startedAt + options.deadline_ms };
  const facts = { run, tenant, goal, options, ...times, spent: NOTHING_SPENT };
  return { ...facts, status: 'planning', turns: [], rejected: 0 };
}

function afterTask(
  state: Running,
  input: MessageOf<'task.completed' | 'task.failed'>,
  change: (node: Node) => Node,
): Running {
  const { [input.task]: returned, ...granted } = state.granted;
  const from = parseMessageId(input.id)?.from;
  const node = state.nodes.find(({ token, assignee }) => token === input.task && assignee === from);
  // Only who was given a task can answer it.
  if (returned === undefined || node === undefined) return state;
  const { spent, isImplausible } = reckoned(input.body.spent, returned);
  const after: Node = isImplausible ? { ...change(node), isImplausible } : change(node);
  const nodes = state.nodes.map((other) => (other === node ? after : other));
  return { ...state, nodes, granted, spent: addSpent(state.spent, spent) };
}

function completed(run: Running, node: Node, { body }: MessageOf<'task.completed'>): Node {
  const { artifact, shortfall } = grounded(run, body);
  const short = shortfall === undefined ? {} : { shortfall: cut(shortfall, QUOTE_CHARS_MAX) };
  if (node.phase === 'reviewing') {
    return artifact.kind === 'critique'
      ? { ...node, ...short, phase: 'reviewed', critique: artifact }
      : { ...node, phase: 'settled' };
  }
  return { ...node, ...short, phase: 'worked', artifact };
}

/** What was handed in; of a draft, only what findings of this run support. */
function grounded(
  { nodes }: Running,
  { artifact, shortfall }: MessageOf<'task.completed'>['body'],
): { artifact: Artifact; shortfall?: string | undefined } {
  if (artifact.kind !== 'draft') return { artifact, shortfall };
  const artifacts = nodes.flatMap((node) => (node.artifact === undefined ? [] : [node.artifact]));
  const { draft, lost } = withKnownSources(artifact, artifacts);
  if (lost === 0) return { artifact: draft, shortfall };
  const loss = `${lost} source(s) were left out: no findings of this run hold them`;
  return { artifact: draft, shortfall: shortfall === undefined ? loss : `${loss}; ${shortfall}` };
}

/** A review that failed leaves the draft as it is; a revision that failed leaves the draft before it. */
function failed(node: Node, { body }: MessageOf<'task.failed'>): Node {
  const reason = cut(body.reason, QUOTE_CHARS_MAX);
  if (node.artifact === undefined) return { ...node, phase: 'failed', shortfall: reason };
  const what = node.phase === 'reviewing' ? 'it could not be reviewed' : 'it could not be revised';
  return { ...node, phase: 'settled', shortfall: `${what}: ${reason}` };
}

function afterOutput(state: State, output: Outgoing): State {
  switch (output.type) {
    case 'run.ended':
      return { status: 'ended' };
    case 'answer.rejected':
      return state.status === 'planning' ? afterRejectedPlan(state, output) : state;
    case 'task.assigned':
      return afterAssigned(afterPlan(state, output), output);
    case 'output.proposed':
      return afterProposed(state, output);
    default:
      return state;
  }
}

function afterRejectedPlan(state: Planning, { model }: Outgoing): Planning {
  if (model === undefined) return state;
  return {
    ...state,
    spent: addSpent(state.spent, costOf(model.answer)),
    turns: [...state.turns, ...turnOf(model.answer)],
  };
}

/** The plan is in the answer that the first task carries. */
function afterPlan(state: State, { model }: Outgoing): State {
  if (state.status !== 'planning' || model === undefined) return state;
  const plan = planOf(model.answer);
  return plan === undefined ? state : running(state, plan, model.answer);
}

/** The run as it is when its plan is accepted: nothing is handed out yet. */
export function running(state: Planning, plan: PlanSubmission, answer: Answer): Running {
  const { turns: _turns, rejected: _rejected, ...facts } = state;
  return {
    ...facts,
    status: 'running',
    spent: addSpent(state.spent, costOf(answer)),
    nodes: nodesOf(plan),
    granted: {},
  };
}

function afterProposed(state: State, { body, model }: Outgoing<'output.proposed'>): State {
  const { markdown, sources } = body;
  const draft: Draft = { kind: 'draft', markdown, sources };
  if (state.status === 'planning') {
    // There is no plan: why not is checked like a report, for it is told in others' words.
    const { turns: _turns, rejected: _rejected, ...facts } = state;
    const spent = model === undefined ? state.spent : addSpent(state.spent, costOf(model.answer));
    return { ...facts, status: 'checking', spent, draft, isShort: true };
  }
  if (state.status !== 'running') return state;
  const { nodes: _nodes, granted: _granted, stopped: _stopped, ...facts } = state;
  return { ...facts, status: 'checking', draft, isShort: shortfallOf(state).isShort };
}

/** Tasks get names of ours, so that no name that a model chose can collide with a review or a revision. */
function nodesOf(plan: PlanSubmission): Node[] {
  const names = new Map(plan.tasks.map(({ id }, index) => [id, `t${index + 1}`]));
  return plan.tasks.map(({ id, role, title, instructions, dependsOn }) => {
    const name = names.get(id) ?? id;
    return {
      id: name,
      role,
      title,
      instructions,
      dependsOn: dependsOn.map((d) => names.get(d) ?? d),
      phase: 'waiting',
      round: 0,
      token: name,
      assignee: role,
    };
  });
}

function afterAssigned(state: State, output: Outgoing<'task.assigned'>): State {
  if (state.status !== 'running') return state;
  const nodes = state.nodes.map((node): Node => {
    if (output.task === reviewToken(node))
      return { ...node, phase: 'reviewing', token: output.task, assignee: output.to };
    if (output.task !== workToken(node, node.round + 1)) return node;
    return { ...node, phase: 'working', token: output.task, assignee: output.to, round: node.round + 1 };
  });
  return { ...state, nodes, granted: { ...state.granted, [output.task]: output.budget } };
}

export const workToken = ({ id }: Node, round: number): Token => (round === 1 ? id : `${id}-${round}`);
export const reviewToken = ({ id, round }: Node): Token => `${id}-review-${round}`;

/** Why the result is less than what was asked for, and what else there is to say about it. */
export function shortfallOf({ nodes, stopped }: Running): { isShort: boolean; reason: string | undefined } {
  const short = nodes.flatMap(({ title, phase, shortfall }) => {
    if (shortfall !== undefined) return [`${title}: ${shortfall}`];
    return phase === 'waiting' || phase === 'working' ? [`${title}: not finished`] : [];
  });
  if (stopped !== undefined) short.unshift(stopped);
  const open = nodes.flatMap(({ critique }) =>
    critique?.verdict === 'revise' ? [`the critic still asks: ${critique.reasons.join(' ')}`] : [],
  );
  const implausible = nodes.flatMap(({ title, isImplausible }) =>
    isImplausible ? [`${title}: more was claimed to be spent than was granted; the grant was counted`] : [],
  );
  const reason = cut([...short, ...open, ...implausible].join('; '), REASON_CHARS_MAX);
  return { isShort: short.length > 0, reason: reason === '' ? undefined : reason };
}
