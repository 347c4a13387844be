// `npm run nats-auth -- --out <folder>`: the accounts and credentials of a NATS server for production.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { SHARDS_MAX } from '@troupe/contract';
import { ensureCredentials } from '@troupe/nats';
import { Command, Option } from 'commander';
import { exitWith, runCommandLine, version } from './cli/command-line.ts';
import { tenantsOption, wholeNumber } from './cli/goal-options.ts';
import { count } from './cli/one-line.ts';
import { createScreen } from './cli/screen.ts';
import { installedRoles } from './roles.ts';
import { renderServers, serverList } from './nats-auth/servers.ts';
import { explainDataFolder, makeFolder } from './start/data-folder.ts';

const GB = 1024 ** 3;

interface Flags {
  out: string;
  host: string;
  port: number;
  store: string;
  storeGb: number;
  sync: string;
  shards?: number;
  tenants?: string[];
  servers?: string[];
}

const HELP = `
Writes <folder>/nats.conf (accounts and permissions of every installed role), <folder>/roles.json (the roles, for the
supervisor) and <folder>/auth: a folder per role, "admin" (makes the streams), "viewer" (the command line), "system" and
"tenant.<name>" (its clients), with its nkey seed (nats.nk) and, for roles that sign or believe signatures, signing-key.pem and the public keys of their
peers. Keys that are there are kept, so it can be run again after adding a role. Give each process its own folder only.

With --servers there is a nats-<n>.conf for each of them instead, and <folder>/auth/server.route holds the key that they
show each other. The streams have copies on all three with TROUPE_STREAM_REPLICAS=3.

Start the server with: nats-server -c <folder>/nats.conf
Then Troupe with:      NATS_URL=nats://<host>:<port> TROUPE_AUTH_DIR=<folder>/auth npm start`;

/** Files below a folder, by their paths in it. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []));
}

async function write(flags: Flags): Promise<number> {
  const screen = createScreen(false);
  const out = resolve(process.env['INIT_CWD'] ?? process.cwd(), flags.out);
  const auth = join(out, 'auth');
  try {
    makeFolder(out);
    const before = filesIn(auth);
    const roles = (await installedRoles()).map(({ declaration }) => declaration);
    const credentials = ensureCredentials(auth, roles, flags.shards, flags.tenants);
    const { host, port, store: storeDir, sync, storeGb } = flags;
    const settings = { host, port, storeDir, sync, maxStoreBytes: storeGb * GB, openToClients: false };
    const servers = renderServers(settings, flags.servers, { authDir: auth, roles, credentials });
    for (const { file, config } of servers) writeFileSync(join(out, file), config, { mode: 0o600 });
    writeFileSync(join(out, 'roles.json'), JSON.stringify(roles, null, 2));
    const fresh = filesIn(auth).filter((file) => !before.includes(file));
    await screen.result(
      [
        ...servers.map(({ file }) => `${join(out, file)}  accounts of ${count(roles.length, 'role')}`),
        `${join(out, 'roles.json')}  for TROUPE_ROLES of the supervisor`,
        `${auth}  ${count(fresh.length, 'new file')}, ${count(before.length, 'file')} kept`,
        ...fresh.map((file) => `  ${file}`),
      ].join('\n'),
    );
    return 0;
  } catch (error) {
    throw explainDataFolder(out, error);
  }
}

const program = new Command('npm run nats-auth --')
  .description('Writes the configuration and the credentials of a NATS server for production.')
  .requiredOption('--out <folder>', 'where to write')
  .option('--host <address>', 'address that the server listens on', '0.0.0.0')
  .addOption(new Option('--port <n>', 'port of the server').argParser(wholeNumber(1, 65_535)).default(4222))
  .option('--store <folder>', 'where the server keeps its streams', '/data/nats')
  .addOption(new Option('--store-gb <n>', 'size of the store in GB').argParser(wholeNumber(1, 100_000)).default(64))
  .option('--sync <when>', 'when writes reach the disk', 'always')
  .addOption(
    new Option('--shards <n>', 'streams that the log is spread over, for ever (default: 4)').argParser(
      wholeNumber(1, SHARDS_MAX),
    ),
  )
  .addOption(tenantsOption())
  .addOption(
    new Option(
      '--servers <list>',
      'the servers of a cluster as host:port, where they reach each other: nats-0:6222,nats-1:6222,nats-2:6222',
    ).argParser(serverList),
  )
  .version(version())
  .exitOverride()
  .addHelpText('after', HELP)
  .action((flags: Flags) => exitWith(write(flags)));

process.exitCode = await runCommandLine(program, process.argv.slice(2));
