import { LogLayout, QUESTION_TIMEOUT_MS_MAX, subjects, type Token } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accessOf, accountOf, replicasSubject } from './access.ts';
import { type ClusterSettings, renderCluster, sizeOf } from './cluster-config.ts';
import { clientName, type Credentials } from './credentials.ts';
import { list, permissions, serviceImport, streamImport, text } from './conf-text.ts';
import {
  clientAccount,
  exportStream,
  renderClients,
  renderViewer,
  VIEWER_ACCOUNT,
  viewerServices,
  viewable,
} from './outside-accounts.ts';

export interface ServerSettings {
  host: string;
  port: number;
  storeDir: string;
  /** `always` fsyncs every write before its ack; a duration such as `2m` does it in the background. */
  sync: string;
  /** The whole store, of each server of a cluster. All streams' sizes derive from it (`stream-bounds.ts`). */
  maxStoreBytes: number;
  /** Let clients without credentials publish goals and read results: for a server on the loopback address only. */
  openToClients: boolean;
  /** One of several servers; alone if left out. */
  cluster?: ClusterSettings;
}

/** Everybody can make the server write a line of its log, a few kilobytes long: it keeps this many files of this size. */
const LOG_BYTES_MAX = 8 * 1024 * 1024;
const LOG_FILES_MAX = 4;

/** The accounts and permissions of all roles, for `nats-server`: generated, never written by hand. */
function renderAccounts(
  roles: readonly RoleDeclaration[],
  { keys, shards, tenants }: Credentials,
  settings: ServerSettings,
): string {
  const layout = new LogLayout(shards, tenants);
  const accesses = roles.map((role) => ({ role, access: accessOf(layout, role, roles) }));
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
    renderBus(layout, { accesses, tenants }, key('admin'), accountBytes(settings)),
    ...accesses.map(({ role, access }) => renderRole(role, access, key(role.name), { accesses, tenants })),
    renderViewer(
      layout,
      accesses.map(({ access }) => access),
      api,
      key('viewer'),
    ),
    ...tenants.map((tenant) => renderClients(tenant, key(clientName(tenant)), api, settings.openToClients)),
    '}',
  ].join('\n');
}

/** An account's bytes are counted over the whole cluster, each copy of a stream by itself. */
const accountBytes = ({ maxStoreBytes, cluster }: ServerSettings): number => maxStoreBytes * sizeOf(cluster);

const STREAM = 'response_type: stream';
/**
 * The way back of a question is forgotten with its answer: those of streams of replies are kept for two minutes after the
 * last one, a quarter of a gigabyte at 180 runs/s. And a model may take longer than the two minutes that are the default.
 */
const ASKED_ONCE = `threshold: "${QUESTION_TIMEOUT_MS_MAX / 1_000}s"`;

interface RoleAccess {
  role: RoleDeclaration;
  access: Access;
}

/** Who is there beside the role at hand. */
interface Others {
  accesses: readonly RoleAccess[];
  tenants: readonly Token[];
}

function renderBus(layout: LogLayout, { accesses, tenants }: Others, admin: string, storeBytes: number): string {
  const services = [
    ...accesses.flatMap(({ access }) =>
      access.imports.filter(({ from }) => from === 'BUS').map((i) => ({ ...i, account: access.account })),
    ),
    ...viewerServices(layout).map((subject) => ({ subject, replies: 'many', account: VIEWER_ACCOUNT })),
    ...tenants.map((tenant) => ({
      subject: subjects.goals(tenant),
      replies: 'one',
      account: clientAccount(tenant),
    })),
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
    `    exports: ${list([...exports, ...tenants.map((t) => exportStream(subjects.liveResultsOf(t), [clientAccount(t)]))])}`,
    '  }',
  ].join('\n');
}

function renderRole(role: RoleDeclaration, access: Access, key: string, others: Others): string {
  const account = (from: string) => (from === 'BUS' ? 'BUS' : accountOf(from));
  const imports = [
    ...access.imports.map(({ from, subject, as }) => serviceImport(account(from), subject, as)),
    ...access.listens.map(({ from, subject }) => streamImport(accountOf(from), subject)),
  ];
  const answers = access.serves.length > 0 ? ['_R_.>'] : [];
  const among = replicasSubject(role.name);
  const publish = [...access.imports.map(({ subject, as }) => as ?? subject), ...access.broadcasts, ...answers, among];
  const heard = access.listens.map(({ subject }) => subject);
  const subscribe = [`_INBOX_${role.name}.>`, ...access.serves, ...heard, among];
  // The account already keeps others' subjects out of reach; the permissions say so again, with a clear error.
  return [
    `  ${access.account} {`,
    `    users: [{ nkey: ${key}, permissions: ${permissions(publish, subscribe)} }]`,
    `    exports: ${list(exportsOf(role, access, others))}`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** What a role offers to other accounts: the services it answers, its broadcasts, and what viewers and clients see. */
function exportsOf(role: RoleDeclaration, access: Access, { accesses, tenants }: Others): string[] {
  const listeners = (subject: string) =>
    accesses
      .filter(({ access: { listens } }) => listens.some((l) => l.from === role.name && l.subject === subject))
      .map(({ access: { account } }) => account);
  // Each asker under its own subject: whose question it is, the broker knows and not the payload.
  const asked = accesses.flatMap(({ access: { imports, account } }) =>
    imports.filter(({ from }) => from === role.name).map(({ subject }) => ({ subject, account, replies: ASKED_ONCE })),
  );
  const api = access.serves.includes(subjects.allApi)
    ? [
        { subject: subjects.allApi, account: VIEWER_ACCOUNT, replies: STREAM },
        ...tenants.map((tenant) => ({
          subject: subjects.apiOf(tenant),
          account: clientAccount(tenant),
          replies: STREAM,
        })),
      ]
    : [];
  const services = [...asked, ...api].map(
    ({ subject, account, replies }) => `{ service: ${text(subject)}, accounts: [${account}], ${replies} }`,
  );
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
  credentials: Credentials,
): string {
  const { cluster } = settings;
  return [
    "# Generated from the roles' declarations. Changes here are overwritten.",
    `server_name: ${text(cluster?.serverName ?? 'troupe')}`,
    ...(cluster === undefined ? [] : [renderCluster(cluster)]),
    `listen: ${text(`${settings.host}:${settings.port}`)}`,
    'max_payload: 1MB',
    'max_pending: 256MB',
    `jetstream { store_dir: ${text(settings.storeDir)}, sync_interval: ${text(settings.sync)}, max_file_store: ${settings.maxStoreBytes} }`,
    `logfile_size_limit: ${LOG_BYTES_MAX}`,
    `logfile_max_num: ${LOG_FILES_MAX}`,
    renderAccounts(roles, credentials, settings),
    ...(settings.openToClients ? ['no_auth_user: client'] : []),
    '',
  ].join('\n');
}
