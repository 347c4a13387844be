import { GOAL_PAYLOAD_BYTES_MAX, STREAMS, subjects } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accountOf } from './access.ts';
import { list, permissions, serviceImport, streamImport, text } from './conf-text.ts';

/** People and their clients, without credentials. */
export const CLIENT_ACCOUNT = 'CLIENT';
/** The command line: reads everything, changes nothing. */
export const VIEWER_ACCOUNT = 'VIEWER';

/** Who comes without credentials is one user of one tenant: goals of others are refused where they are published. */
export const CLIENT_GOALS = subjects.goals('default');

/**
 * The server checks no permission on the subject that a question names for its answer. So an answer that was asked for
 * where results are heard is moved to where nobody may listen. Results come by an import, which no mapping touches.
 */
const MISDIRECTED = 'troupe.misdirected.>';

/** Connections without credentials, over all. The rest of the server's, and of its file descriptors, is for the roles. */
const CLIENT_CONNECTIONS_MAX = 256;
/** Subscriptions of one such connection. */
const CLIENT_SUBSCRIPTIONS_MAX = 64;
/**
 * The largest payload of such a connection; a larger one ends it. Twice the largest goal, so that who is a little over
 * still gets a sentence.
 */
const CLIENT_PAYLOAD_BYTES_MAX = 2 * GOAL_PAYLOAD_BYTES_MAX;

/** What the viewer asks of BUS. An account of its own keeps its replies out of everybody's mailbox. */
export const VIEWER_SERVICES: readonly string[] = [
  ...Object.values(STREAMS).flatMap((name) => [`$JS.API.DIRECT.GET.${name}`, `$JS.API.DIRECT.GET.${name}.>`]),
  subjects.allGoals,
];

/** What a role lets the viewer see as it is published: its messages and its dead letters. */
export const viewable = ({ imports }: Access): string[] =>
  imports.map(({ subject }) => subject).filter((subject) => /^troupe\.(runs|dead)\./.test(subject));

export function renderViewer(accesses: readonly Access[], api: RoleDeclaration | undefined, key: string): string {
  const publish = [...VIEWER_SERVICES, ...(api ? [subjects.allApi] : [])];
  const subscribe = ['_INBOX_viewer.>', subjects.allMessages, subjects.allDead];
  const imports = [
    ...VIEWER_SERVICES.map((subject) => serviceImport('BUS', subject)),
    ...(api ? [serviceImport(accountOf(api.name), subjects.allApi)] : []),
    ...accesses.flatMap((access) => viewable(access).map((subject) => streamImport(access.account, subject))),
  ];
  return [
    `  ${VIEWER_ACCOUNT} {`,
    `    users: [{ nkey: ${key}, permissions: ${permissions(publish, subscribe)} }]`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** Without credentials only where `isOpen` says so: in production the account is there and nobody can enter it. */
export function renderClient(api: RoleDeclaration | undefined, isOpen: boolean): string {
  const imports = [
    serviceImport('BUS', CLIENT_GOALS),
    streamImport('BUS', subjects.allLiveResults),
    ...(api ? [serviceImport(accountOf(api.name), subjects.allApi)] : []),
  ];
  const allowed = permissions([CLIENT_GOALS, subjects.allApi], ['_INBOX.>', subjects.allLiveResults]);
  const limits = {
    max_connections: CLIENT_CONNECTIONS_MAX,
    max_subscriptions: CLIENT_SUBSCRIPTIONS_MAX,
    max_payload: CLIENT_PAYLOAD_BYTES_MAX,
  };
  return [
    `  ${CLIENT_ACCOUNT} {`,
    `    limits: ${JSON.stringify(limits)}`,
    `    users: [${isOpen ? `{ user: client, password: client, permissions: ${allowed} }` : ''}]`,
    `    mappings: { ${text(subjects.allLiveResults)}: ${text(MISDIRECTED)} }`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

export const exportStream = (subject: string, accounts: readonly string[]): string =>
  `{ stream: ${text(subject)}, accounts: [${accounts.join(', ')}] }`;
