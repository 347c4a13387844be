import { STREAMS, subjects, type Token } from '@troupe/contract';
import { type RoleDeclaration, WORKERS } from '@troupe/actor';
import { consumersOf } from './topology.ts';

/** One subject of another account that a role may publish to. `replies` "many" allows a stream of replies. */
export interface Import {
  from: 'BUS' | Token;
  subject: string;
  replies: 'one' | 'many';
}

/** All that a role may do on the bus, derived from its declaration: nothing else is allowed. */
export interface Access {
  account: string;
  imports: Import[];
  /** Service subjects that this role answers, open to the accounts that import them. */
  serves: string[];
  /** Subjects of other accounts that flow in: broadcasts. */
  listens: { from: Token; subject: string }[];
  broadcasts: string[];
}

const MODEL_GATEWAY = 'llm-gateway';
export const ALIVE_SUBJECT = 'troupe.model.alive';

/** The account of a role: its own, so that a reply subject can never point into another's (shared/README.md, Decisions). */
export const accountOf = (role: Token): string => `ROLE_${role.replaceAll('-', '_')}`;

const workers = (roles: readonly RoleDeclaration[]) =>
  roles.filter(({ kind }) => kind === 'worker' || kind === 'reviewer').map(({ name }) => name);

const bus = (subject: string, replies: Import['replies'] = 'one'): Import => ({ from: 'BUS', subject, replies });

/** What a role's credentials allow, from what it declares that it consumes and emits. `roles` are all roles. */
export function accessOf(role: RoleDeclaration, roles: readonly RoleDeclaration[]): Access {
  const consumers = consumersOf(role, { runs_days: 1, replicas: 1 }).flatMap(({ stream }) => [
    bus(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${role.name}`, 'many'),
    bus(`$JS.ACK.${stream}.${role.name}.>`),
  ]);
  const recipients = new Set(
    Object.values(role.emits)
      .flat()
      .flatMap((party) => (party === WORKERS ? workers(roles) : [party])),
  );
  const outbox = [...recipients].toSorted().map((to) => bus(`troupe.runs.*.*.${role.name}.${to}.*`));
  const history =
    recipients.size === 0
      ? []
      : [
          bus(`$JS.API.DIRECT.GET.${STREAMS.runs}.${subjects.outbox(role.name)}`),
          bus(`$JS.API.DIRECT.GET.${STREAMS.runs}.${subjects.mailbox(role.name)}`),
          bus(subjects.dead(role.name)),
        ];
  const goals = role.takesGoals
    ? [bus(`$JS.API.DIRECT.GET.${STREAMS.goals}`, 'many'), bus(subjects.timersOf(role.name))]
    : [];
  const api = role.servesApi ? [bus(subjects.allGoals), bus(subjects.allCancels)] : [];
  const models: Import[] = role.asksModels ? [{ from: MODEL_GATEWAY, subject: subjects.ask, replies: 'many' }] : [];
  return {
    account: accountOf(role.name),
    imports: [...consumers, ...outbox, ...history, ...goals, ...api, ...models],
    serves: [...(role.answersQuestions ? [subjects.ask] : []), ...(role.servesApi ? [subjects.allApi] : [])],
    listens: role.asksModels ? [{ from: MODEL_GATEWAY, subject: ALIVE_SUBJECT }] : [],
    broadcasts: role.answersQuestions ? [ALIVE_SUBJECT] : [],
  };
}
