import { STREAMS, subjects } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accessOf, accountOf } from './access.ts';

/** Public nkeys per identity (role names, `admin`, `viewer`, `system`). */
export type PublicKeys = Readonly<Record<string, string>>;

export interface ServerSettings {
  host: string;
  port: number;
  storeDir: string;
  /** `always` fsyncs every write before its ack; a duration such as `2m` does it in the background. */
  sync: string;
  maxStoreBytes: number;
  /** Let clients without credentials publish goals and read results: for a server on the loopback address only. */
  openToClients: boolean;
}

const text = (value: string): string => JSON.stringify(value);
const list = (items: string[]): string => `[\n${items.map((item) => `      ${item}`).join(',\n')}\n    ]`;
const CLIENT_ACCOUNT = 'CLIENT';
/**
 * What people may listen to without credentials: results. They come from the supervisor's own account, where it
 * publishes them; a message that reached BUS through a service import is not forwarded by a stream import.
 */
const RESULTS = subjects.result('*');

/** The accounts and permissions of all roles, for `nats-server`: generated, never written by hand. */
function renderAccounts(roles: readonly RoleDeclaration[], keys: PublicKeys): string {
  const accesses = roles.map((role) => ({ role, access: accessOf(role, roles) }));
  const key = (name: string): string => {
    const found = keys[name];
    if (found === undefined) throw new Error(`there is no key for "${name}"; generate the credentials again`);
    return found;
  };
  const api = roles.find(({ servesApi }) => servesApi);
  return [
    'system_account: SYS',
    'accounts {',
    `  SYS { users: [{ nkey: ${key('system')} }] }`,
    renderBus(accesses, key('admin'), key('viewer'), api),
    ...accesses.map(({ role, access }) => renderRole(role, access, key(role.name), accesses)),
    renderClient(api),
    '}',
  ].join('\n');
}

interface RoleAccess {
  role: RoleDeclaration;
  access: Access;
}

function renderBus(accesses: RoleAccess[], admin: string, viewer: string, api: RoleDeclaration | undefined): string {
  const services = accesses.flatMap(({ access }) =>
    access.imports.filter(({ from }) => from === 'BUS').map((i) => ({ ...i, account: access.account })),
  );
  const bySubject = Map.groupBy(services, ({ subject }) => subject);
  const exports = [...bySubject].map(([subject, uses]) => {
    const accounts = uses.map(({ account }) => account);
    if (subject === subjects.allGoals) accounts.push(CLIENT_ACCOUNT);
    const type = uses.some(({ replies }) => replies === 'many') ? ', response_type: stream' : '';
    return `{ service: ${text(subject)}, accounts: [${accounts.join(', ')}]${type} }`;
  });
  const imports = api ? [`{ service: { account: ${accountOf(api.name)}, subject: ${text(subjects.allApi)} } }`] : [];
  return [
    '  BUS {',
    '    jetstream: enabled',
    `    users: ${list([`{ nkey: ${admin} }`, `{ nkey: ${viewer}, permissions: ${viewerPermissions()} }`])}`,
    `    exports: ${list(exports)}`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** For the command line: may read everything and ask for what anybody may ask for, and change nothing else. */
function viewerPermissions(): string {
  const publish = [
    ...Object.values(STREAMS).flatMap((name) => [
      `$JS.API.STREAM.INFO.${name}`,
      `$JS.API.DIRECT.GET.${name}`,
      `$JS.API.DIRECT.GET.${name}.>`,
    ]),
    '$JS.API.CONSUMER.INFO.*.*',
    subjects.allGoals,
    subjects.allApi,
  ];
  const subscribe = ['_INBOX_viewer.>', subjects.allMessages, subjects.allDead];
  return `{ publish: { allow: [${publish.map(text).join(', ')}] }, subscribe: { allow: [${subscribe.map(text).join(', ')}] } }`;
}

function renderRole(role: RoleDeclaration, access: Access, key: string, accesses: RoleAccess[]): string {
  const importers = (subject: string) =>
    accesses
      .filter(({ access: other }) => other.imports.some((i) => i.from === role.name && i.subject === subject))
      .map(({ access: a }) => a.account);
  const listeners = (subject: string) =>
    accesses
      .filter(({ access: other }) => other.listens.some((l) => l.from === role.name && l.subject === subject))
      .map(({ access: a }) => a.account);
  const exports = [
    ...access.serves.map((subject) => {
      const accounts = role.servesApi && subject === subjects.allApi ? ['BUS', CLIENT_ACCOUNT] : importers(subject);
      return `{ service: ${text(subject)}, accounts: [${accounts.join(', ')}], response_type: stream }`;
    }),
    ...(role.servesApi ? [`{ stream: ${text(RESULTS)}, accounts: [${CLIENT_ACCOUNT}] }`] : []),
    ...access.broadcasts.map((subject) => `{ stream: ${text(subject)}, accounts: [${listeners(subject).join(', ')}] }`),
  ];
  const account = (from: string) => (from === 'BUS' ? 'BUS' : accountOf(from));
  const imports = [
    ...access.imports.map(
      ({ from, subject }) => `{ service: { account: ${account(from)}, subject: ${text(subject)} } }`,
    ),
    ...access.listens.map(
      ({ from, subject }) => `{ stream: { account: ${accountOf(from)}, subject: ${text(subject)} } }`,
    ),
  ];
  const answers = access.serves.length > 0 ? ['_R_.>'] : [];
  const publish = [...access.imports.map(({ subject }) => subject), ...access.broadcasts, ...answers];
  const subscribe = [`_INBOX_${role.name}.>`, ...access.serves, ...access.listens.map(({ subject }) => subject)];
  // The account already keeps others' subjects out of reach; the permissions say so again, with a clear error.
  const permissions = `{ publish: { allow: [${publish.map(text).join(', ')}] }, subscribe: { allow: [${subscribe.map(text).join(', ')}] } }`;
  return [
    `  ${access.account} {`,
    `    users: [{ nkey: ${key}, permissions: ${permissions} }]`,
    `    exports: ${list(exports)}`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** People and their clients: publish goals, use the API, read results. */
function renderClient(api: RoleDeclaration | undefined): string {
  const publish = [subjects.allGoals, subjects.allApi];
  const subscribe = ['_INBOX.>', subjects.allLiveResults];
  const imports = [
    `{ service: { account: BUS, subject: ${text(subjects.allGoals)} } }`,
    ...(api
      ? [
          `{ stream: { account: ${accountOf(api.name)}, subject: ${text(RESULTS)} }, to: "troupe.results.$1.$2.$3" }`,
          `{ service: { account: ${accountOf(api.name)}, subject: ${text(subjects.allApi)} } }`,
        ]
      : []),
  ];
  const permissions = `{ publish: { allow: [${publish.map(text).join(', ')}] }, subscribe: { allow: [${subscribe.map(text).join(', ')}] } }`;
  return [
    `  ${CLIENT_ACCOUNT} {`,
    `    users: [{ user: client, password: client, permissions: ${permissions} }]`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** The whole configuration file of a server. */
export function renderServerConfig(
  settings: ServerSettings,
  roles: readonly RoleDeclaration[],
  keys: PublicKeys,
): string {
  return [
    "# Generated from the roles' declarations. Changes here are overwritten.",
    'server_name: troupe',
    `listen: ${text(`${settings.host}:${settings.port}`)}`,
    'max_payload: 1MB',
    'max_pending: 256MB',
    `jetstream { store_dir: ${text(settings.storeDir)}, sync_interval: ${text(settings.sync)}, max_file_store: ${settings.maxStoreBytes} }`,
    renderAccounts(roles, keys),
    ...(settings.openToClients ? ['no_auth_user: client'] : []),
    '',
  ].join('\n');
}
