import { dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { withoutPassword } from '../doctor/address.ts';
import { checkBroker } from '../doctor/broker.ts';
import { checkCredentials } from '../doctor/credentials.ts';
import type { Finding, Verdict } from '../doctor/finding.ts';
import { checkDisk, checkNode } from '../doctor/machine.ts';
import { checkModels } from '../doctor/models.ts';
import { installedRoles, ROOT } from '../roles.ts';
import { EXIT } from './failure.ts';
import { count } from './one-line.ts';
import { createScreen, type Screen } from './screen.ts';
import { terminalJson, terminalLine } from './terminal-text.ts';

export interface DoctorFlags {
  /** False with --no-models. */
  models: boolean;
  json?: boolean;
}

/** Stands below the options in `troupe doctor --help`. */
export const DOCTOR_HELP = `
One line for each check: "ok", "note" (nothing is wrong) or "failed", which says what to change. Of the models each that
the gateway would ask with this environment gets one small real question that offers a tool; what that may cost is said
before. Needs the folders of the roles and of "admin" in TROUPE_AUTH_DIR. Nothing is changed; the log of the NATS server
shows one refusal of each role, whose permissions were tried. Exits with 1 if anything failed.`;

const CHECK_CHARS = 18;
const VERDICT_CHARS = 8;
const STYLE = { ok: 'green', note: 'yellow', failed: 'red' } as const;

/** `troupe doctor`: gives the exit code. */
export async function doctor({ models, json = false }: DoctorFlags, environment: NodeJS.ProcessEnv): Promise<number> {
  const screen = createScreen(false);
  const findings: Finding[] = [];
  for await (const finding of examine(screen, environment, models)) {
    findings.push(finding);
    if (!json) process.stdout.write(`${linesOf(finding).join('\n')}\n`);
  }
  const failed = findings.filter(({ verdict }) => verdict === 'failed').length;
  if (json) await screen.result(terminalJson({ ok: failed === 0, findings }, 2));
  screen.note(`${count(findings.length, 'check')}, ${failed === 0 ? 'nothing failed' : `${failed} failed`}`);
  return failed === 0 ? EXIT.completed : EXIT.failed;
}

/** The machine first, what costs money last. */
async function* examine(screen: Screen, environment: NodeJS.ProcessEnv, isAsked: boolean): AsyncGenerator<Finding> {
  const url = environment['NATS_URL'] || 'nats://127.0.0.1:4222';
  const authDir = environment['TROUPE_AUTH_DIR'] || join(ROOT, '.troupe', 'auth');
  const roles = (await installedRoles()).map(({ declaration }) => declaration);
  yield checkNode();
  yield await checkDisk(dirname(authDir));
  yield await checkCredentials(
    authDir,
    roles.map(({ name }) => name),
  );
  screen.aside(`Connecting to ${withoutPassword(url)} …`);
  yield* checkBroker({ url, authDir }, roles, environment);
  yield* checkModels({ isAsked, environment, tell: (text) => screen.aside(text) });
}

/** Two lines if there is something to change. */
function linesOf({ check, verdict, says, change }: Finding): string[] {
  const said = `${painted(verdict)}${terminalLine(check).padEnd(CHECK_CHARS)} ${terminalLine(says)}`;
  return change === undefined ? [said] : [said, `${' '.repeat(VERDICT_CHARS)}→ ${terminalLine(change)}`];
}

/** `styleText` knows terminals and NO_COLOR. */
const painted = (verdict: Verdict): string =>
  styleText(STYLE[verdict], verdict.padEnd(VERDICT_CHARS), { stream: process.stdout });
