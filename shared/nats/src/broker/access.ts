import { INTAKE, type LogLayout, STREAMS, subjects, type Token } from '@troupe/contract';
import { type RoleDeclaration, WORKERS } from '@troupe/actor';
import { consumersOf } from './topology.ts';

/** One subject of another account that a role may publish to. `replies` "many" allows a stream of replies. */
export interface Import {
  from: 'BUS' | Token;
  subject: string;
  replies: 'one' | 'many';
  /**
   * The subject under which the role knows it. Requests to the JetStream API proper need another one: under their own the
   * account, which has no JetStream, answers them too, and first.
   */
  as?: string;
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

/** Where gateways tell a role which of its questions they have and not answered yet. */
export const takenSubject = (role: Token): string => `troupe.model.taken.${role}`;

/** Where roles tell those who take goals how late their messages are. */
export const DELAYS_SUBJECT = 'troupe.delays';

/** Where the replicas of a role hear of each other, in the account of their own. */
export const replicasSubject = (role: Token): string => `troupe.replicas.${role}`;

/** The account of a role: its own, so that a reply subject can never point into another's (shared/README.md, Decisions). */
export const accountOf = (role: Token): string => `ROLE_${role.replaceAll('-', '_')}`;

const workers = (roles: readonly RoleDeclaration[]) =>
  roles.filter(({ kind }) => kind === 'worker' || kind === 'reviewer').map(({ name }) => name);

const bus = (subject: string, replies: Import['replies'] = 'one'): Import => ({ from: 'BUS', subject, replies });

/** Where the archiver asks the server to let go of a message of a stream, how full that is, and how far it was read. */
export const storeSubjects = {
  delete: (stream: string) => `troupe.store.delete.${stream}`,
  info: (stream: string) => `troupe.store.info.${stream}`,
  consumers: (stream: string) => `troupe.store.consumers.${stream}`,
} as const;

/** What the archiver may: read the log, write the archive once, let go of what is in it and of goals that are in the log. */
function archiving(layout: LogLayout): Import[] {
  const api = (request: string, as: string): Import => ({ ...bus(`$JS.API.${request}`), as });
  return [
    ...layout.streams.flatMap((stream) => [
      bus(`$JS.API.DIRECT.GET.${stream}`, 'many'),
      api(`STREAM.MSG.DELETE.${stream}`, storeSubjects.delete(stream)),
      api(`STREAM.INFO.${stream}`, storeSubjects.info(stream)),
    ]),
    ...layout.goalStreams.flatMap((stream) => [
      bus(`$JS.API.DIRECT.GET.${stream}`, 'many'),
      api(`STREAM.MSG.DELETE.${stream}`, storeSubjects.delete(stream)),
      api(`CONSUMER.LIST.${stream}`, storeSubjects.consumers(stream)),
    ]),
    bus(`$JS.API.DIRECT.GET.${STREAMS.archive}.${subjects.allArchived}`),
    bus(subjects.allArchived),
  ];
}

/** What a role's credentials allow, from what it declares that it consumes and emits. `roles` are all roles. */
export function accessOf(layout: LogLayout, role: RoleDeclaration, roles: readonly RoleDeclaration[]): Access {
  const consumers = consumersOf(layout, role).flatMap(({ stream, config }) => [
    bus(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${config.durable_name}`, 'many'),
    bus(`$JS.ACK.${stream}.${config.durable_name}.>`),
  ]);
  const recipients = new Set(
    Object.values(role.emits)
      .flat()
      .flatMap((party) => (party === WORKERS ? workers(roles) : [party])),
  );
  const outbox = [...recipients].toSorted().map((to) => bus(subjects.outbox(role.name, '*', to)));
  const history =
    recipients.size === 0
      ? []
      : [
          ...layout.streams.flatMap((stream, shard) => [
            bus(`$JS.API.DIRECT.GET.${stream}.${subjects.outbox(role.name, shard)}`),
            bus(`$JS.API.DIRECT.GET.${stream}.${subjects.mailbox(role.name, shard)}`),
          ]),
          bus(subjects.dead(role.name)),
        ];
  const goals = role.takesGoals
    ? [
        ...layout.goalStreams.map((stream) => bus(`$JS.API.DIRECT.GET.${stream}`, 'many')),
        bus(subjects.timersOf(role.name)),
        bus(subjects.outbox(INTAKE, '*', role.name)),
        // A goal whose run has left the log must not begin it again; and clients ask for its result.
        bus(`$JS.API.DIRECT.GET.${STREAMS.archive}.${subjects.allArchived}`),
      ]
    : [];
  const api = role.servesApi ? [bus(subjects.allGoals), bus(subjects.allCancels)] : [];
  const models: Import[] = role.asksModels
    ? [subjects.asksOf(role.name), subjects.asksAgainOf(role.name)].map((subject) => ({
        from: MODEL_GATEWAY,
        subject,
        replies: 'one',
      }))
    : [];
  const tells = (other: RoleDeclaration) => !other.takesGoals && Object.keys(other.consumes).length > 0;
  const tellers = role.takesGoals ? roles.filter(tells) : [];
  const askers = role.answersQuestions ? roles.filter(({ asksModels }) => asksModels) : [];
  const isHeard = tells(role) && roles.some(({ takesGoals }) => takesGoals);
  return {
    account: accountOf(role.name),
    imports: [
      ...consumers,
      ...outbox,
      ...history,
      ...goals,
      ...api,
      ...models,
      ...(role.archives ? archiving(layout) : []),
    ],
    serves: [
      ...(role.answersQuestions ? [subjects.allAsks, subjects.allAsksAgain] : []),
      ...(role.servesApi ? [subjects.allApi] : []),
    ],
    listens: [
      ...(role.asksModels
        ? [ALIVE_SUBJECT, takenSubject(role.name)].map((subject) => ({ from: MODEL_GATEWAY, subject }))
        : []),
      ...tellers.map(({ name }) => ({ from: name, subject: DELAYS_SUBJECT })),
    ],
    broadcasts: [
      ...(role.answersQuestions ? [ALIVE_SUBJECT, ...askers.map(({ name }) => takenSubject(name))] : []),
      ...(isHeard ? [DELAYS_SUBJECT] : []),
    ],
  };
}
