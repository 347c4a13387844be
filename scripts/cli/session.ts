import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bus, connectAs, RunReader } from '@troupe/nats';
import { ROOT } from '../roles.ts';
import { EXIT, Failure, sentenceOf } from './failure.ts';
import { createScreen, type Screen } from './screen.ts';

/** What a command works with; `close` it at the end. */
export interface Session {
  bus: Bus;
  reader: RunReader;
  screen: Screen;
  /** Where its credentials are. */
  authDir: string;
  close(): Promise<void>;
}

/**
 * Connects as the viewer, who may read everything and ask for runs. `NATS_URL` and `TROUPE_AUTH_DIR` say where.
 * Throws a Failure that says what to do when Troupe is not up or the credentials are not its own.
 */
async function openSession(environment: NodeJS.ProcessEnv, quiet: boolean): Promise<Session> {
  const url = environment['NATS_URL'] || 'nats://127.0.0.1:4222';
  const authDir = environment['TROUPE_AUTH_DIR'] || join(ROOT, '.troupe', 'auth');
  if (!existsSync(join(authDir, 'viewer', 'nats.nk'))) {
    throw new Failure(
      `There are no credentials in ${authDir}. Start Troupe with: npm start, or set TROUPE_AUTH_DIR to the folder "auth" of its data folder.`,
    );
  }
  const bus = await connectAs('viewer', { url, authDir }).catch((error: unknown) => {
    throw explain(error, url, authDir);
  });
  const screen = createScreen(quiet);
  void tellDisconnects(bus, screen);
  return { bus, reader: new RunReader(bus), screen, authDir, close: () => bus.nc.close() };
}

/** Opens a session, does the work, closes it. */
export async function inSession(quiet: boolean, work: (session: Session) => Promise<number>): Promise<number> {
  const session = await openSession(process.env, quiet);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Does what the viewer may not, with the administrator's credentials beside its own. */
export async function asAdmin<T>({ bus, authDir }: Session, work: (admin: Bus) => Promise<T>): Promise<T> {
  const admin = await connectAs('admin', { url: bus.nc.getServer(), authDir });
  try {
    return await work(admin);
  } finally {
    await admin.nc.close();
  }
}

function explain(error: unknown, url: string, authDir: string): Failure {
  const reason = sentenceOf(error);
  if (/authori[sz]ation/i.test(reason)) {
    return new Failure(
      `The NATS server at ${url} does not accept the credentials in ${authDir}. Set TROUPE_AUTH_DIR to the folder "auth" of the data folder it was started with.`,
      EXIT.failed,
      { cause: error },
    );
  }
  if (/refused|connect/i.test(reason)) {
    return new Failure(`Troupe is not running at ${url}. Start it with: npm start (or set NATS_URL).`, EXIT.failed, {
      cause: error,
    });
  }
  return new Failure(reason, EXIT.failed, { cause: error });
}

async function tellDisconnects({ nc }: Bus, screen: Screen): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') screen.aside('The connection to NATS is lost; reconnecting …');
    else if (type === 'reconnect') screen.aside('Reconnected.');
  }
}
