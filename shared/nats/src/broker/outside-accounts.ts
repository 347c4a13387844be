import {
  DEFAULT_TENANT,
  GOAL_PAYLOAD_BYTES_MAX,
  type LogLayout,
  STREAMS,
  subjects,
  type Token,
} from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accountOf } from './access.ts';
import { list, permissions, serviceImport, streamImport, text } from './conf-text.ts';

/** Who comes without credentials: a client of the default tenant, where the server is open to such. */
const CLIENT_ACCOUNT = 'CLIENT';
/** The command line: reads everything, changes nothing. */
export const VIEWER_ACCOUNT = 'VIEWER';

/** The account of a tenant's clients: what is outside of the tenant is outside of their reach. */
export const clientAccount = (tenant: Token): string =>
  tenant === DEFAULT_TENANT ? CLIENT_ACCOUNT : `TENANT_${tenant.replaceAll('-', '_')}`;

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
export const viewerServices = (layout: LogLayout): string[] => [
  ...[...layout.streams, ...layout.goalStreams, STREAMS.timers, STREAMS.dead, STREAMS.archive].flatMap((name) => [
    `$JS.API.DIRECT.GET.${name}`,
    `$JS.API.DIRECT.GET.${name}.>`,
  ]),
  subjects.allGoals,
];

/** What a role lets the viewer see as it is published: its messages and its dead letters. */
export const viewable = ({ imports }: Access): string[] =>
  imports.map(({ subject }) => subject).filter((subject) => /^troupe\.(runs|dead)\./.test(subject));

export function renderViewer(
  layout: LogLayout,
  accesses: readonly Access[],
  api: RoleDeclaration | undefined,
  key: string,
): string {
  const services = viewerServices(layout);
  const publish = [...services, ...(api ? [subjects.allApi] : [])];
  const subscribe = ['_INBOX_viewer.>', subjects.allMessages, subjects.allDead];
  const imports = [
    ...services.map((subject) => serviceImport('BUS', subject)),
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

/** What a tenant's clients may publish, and where they hear its results: of their own tenant alone. */
const rightsOf = (tenant: Token, api: RoleDeclaration | undefined) => ({
  publish: [subjects.goals(tenant), ...(api ? [subjects.apiOf(tenant)] : [])],
  results: subjects.liveResultsOf(tenant),
});

/** The clients of a tenant: with its key, and without credentials if it is the default one and `isOpen` says so. */
export function renderClients(tenant: Token, key: string, api: RoleDeclaration | undefined, isOpen: boolean): string {
  const { publish, results } = rightsOf(tenant, api);
  const imports = [
    serviceImport('BUS', subjects.goals(tenant)),
    streamImport('BUS', results),
    ...(api ? [serviceImport(accountOf(api.name), subjects.apiOf(tenant))] : []),
  ];
  const allowed = permissions(publish, ['_INBOX.>', results]);
  const users = [
    `{ nkey: ${key}, permissions: ${allowed} }`,
    ...(isOpen && tenant === DEFAULT_TENANT ? [`{ user: client, password: client, permissions: ${allowed} }`] : []),
  ];
  const limits = {
    max_connections: CLIENT_CONNECTIONS_MAX,
    max_subscriptions: CLIENT_SUBSCRIPTIONS_MAX,
    max_payload: CLIENT_PAYLOAD_BYTES_MAX,
  };
  return [
    `  ${clientAccount(tenant)} {`,
    `    limits: ${JSON.stringify(limits)}`,
    `    users: ${list(users)}`,
    `    mappings: { ${text(subjects.allLiveResults)}: ${text(MISDIRECTED)} }`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

export const exportStream = (subject: string, accounts: readonly string[]): string =>
  `{ stream: ${text(subject)}, accounts: [${accounts.join(', ')}] }`;
