import { subjects } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accessOf, accountOf } from './access.ts';
import { list, permissions, serviceImport, streamImport, text } from './conf-text.ts';
import {
  CLIENT_ACCOUNT,
  CLIENT_GOALS,
  exportStream,
  renderClient,
  renderViewer,
  VIEWER_ACCOUNT,
  VIEWER_SERVICES,
  viewable,
} from './outside-accounts.ts';

/** Public nkeys per identity (role names, `admin`, `viewer`, `system`). */
export type PublicKeys = Readonly<Record<string, string>>;

export interface ServerSettings {
  host: string;
  port: number;
  storeDir: string;
  /** `always` fsyncs every write before its ack; a duration such as `2m` does it in the background. */
  sync: string;
  /** The whole store. All streams' sizes derive from it (`stream-bounds.ts`). */
  maxStoreBytes: number;
  /** Let clients without credentials publish goals and read results: for a server on the loopback address only. */
  openToClients: boolean;
}

/** Everybody can make the server write a line of its log, a few kilobytes long: it keeps this many files of this size. */
const LOG_BYTES_MAX = 8 * 1024 * 1024;
const LOG_FILES_MAX = 4;

/** The accounts and permissions of all roles, for `nats-server`: generated, never written by hand. */
function renderAccounts(roles: readonly RoleDeclaration[], keys: PublicKeys, settings: ServerSettings): string {
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
    renderBus(accesses, key('admin'), settings.maxStoreBytes),
    ...accesses.map(({ role, access }) => renderRole(role, access, key(role.name), accesses)),
    renderViewer(
      accesses.map(({ access }) => access),
      api,
      key('viewer'),
    ),
    renderClient(api, settings.openToClients),
    '}',
  ].join('\n');
}

interface RoleAccess {
  role: RoleDeclaration;
  access: Access;
}

function renderBus(accesses: RoleAccess[], admin: string, storeBytes: number): string {
  const services = [
    ...accesses.flatMap(({ access }) =>
      access.imports.filter(({ from }) => from === 'BUS').map((i) => ({ ...i, account: access.account })),
    ),
    ...VIEWER_SERVICES.map((subject) => ({ subject, replies: 'many', account: VIEWER_ACCOUNT })),
    { subject: CLIENT_GOALS, replies: 'one', account: CLIENT_ACCOUNT },
  ];
  const exports = [...Map.groupBy(services, ({ subject }) => subject)].map(([subject, uses]) => {
    const accounts = [...new Set(uses.map(({ account }) => account))];
    const type = uses.some(({ replies }) => replies === 'many') ? ', response_type: stream' : '';
    return `{ service: ${text(subject)}, accounts: [${accounts.join(', ')}]${type} }`;
  });
  return [
    '  BUS {',
    `    jetstream: { max_file: ${storeBytes} }`,
    `    users: [{ nkey: ${admin} }]`,
    `    exports: ${list([...exports, exportStream(subjects.allLiveResults, [CLIENT_ACCOUNT])])}`,
    '  }',
  ].join('\n');
}

function renderRole(role: RoleDeclaration, access: Access, key: string, accesses: RoleAccess[]): string {
  const account = (from: string) => (from === 'BUS' ? 'BUS' : accountOf(from));
  const imports = [
    ...access.imports.map(({ from, subject }) => serviceImport(account(from), subject)),
    ...access.listens.map(({ from, subject }) => streamImport(accountOf(from), subject)),
  ];
  const answers = access.serves.length > 0 ? ['_R_.>'] : [];
  const publish = [...access.imports.map(({ subject }) => subject), ...access.broadcasts, ...answers];
  const subscribe = [`_INBOX_${role.name}.>`, ...access.serves, ...access.listens.map(({ subject }) => subject)];
  // The account already keeps others' subjects out of reach; the permissions say so again, with a clear error.
  return [
    `  ${access.account} {`,
    `    users: [{ nkey: ${key}, permissions: ${permissions(publish, subscribe)} }]`,
    `    exports: ${list(exportsOf(role, access, accesses))}`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** What a role offers to other accounts: the services it answers, its broadcasts, and what viewers and clients see. */
function exportsOf(role: RoleDeclaration, access: Access, accesses: RoleAccess[]): string[] {
  const accountsWith = (uses: (other: Access) => boolean) =>
    accesses.filter(({ access: other }) => uses(other)).map(({ access: other }) => other.account);
  const importers = (subject: string) =>
    accountsWith(({ imports }) => imports.some((i) => i.from === role.name && i.subject === subject));
  const listeners = (subject: string) =>
    accountsWith(({ listens }) => listens.some((l) => l.from === role.name && l.subject === subject));
  const services = access.serves.map((subject) => {
    const accounts = subject === subjects.allApi ? [VIEWER_ACCOUNT, CLIENT_ACCOUNT] : importers(subject);
    return `{ service: ${text(subject)}, accounts: [${accounts.join(', ')}], response_type: stream }`;
  });
  return [
    ...services,
    ...viewable(access).map((subject) => exportStream(subject, [VIEWER_ACCOUNT])),
    ...access.broadcasts.map((subject) => exportStream(subject, listeners(subject))),
  ];
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
    `logfile_size_limit: ${LOG_BYTES_MAX}`,
    `logfile_max_num: ${LOG_FILES_MAX}`,
    renderAccounts(roles, keys, settings),
    ...(settings.openToClients ? ['no_auth_user: client'] : []),
    '',
  ].join('\n');
}
