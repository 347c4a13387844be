// The `troupe` command: asks for runs and reads them, on a Troupe that is up. `npx troupe --help`.
import { parsePosition, type RunPosition } from '@troupe/nats';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ARCHIVE_HELP, discardArchive, verifyArchive } from './cli/archive-command.ts';
import { audit, AUDIT_HELP, type AuditFlags } from './cli/audit-command.ts';
import { exitWith, runCommandLine, version } from './cli/command-line.ts';
import { doctor, DOCTOR_HELP, type DoctorFlags } from './cli/doctor-command.ts';
import { ERASE_HELP, eraseEverything, type EraseFlags } from './cli/erase-command.ts';
import { type GoalFlags, goalFlags, newGoal, tenantName, wholeNumber } from './cli/goal-options.ts';
import { publishAndWait, type RunFlags } from './cli/publish-and-wait.ts';
import { MAKE_ROOM_HELP, makeRoom, type MakeRoomFlags } from './cli/make-room-command.ts';
import { cancel, showConversation, showResult, showRuns, watch } from './cli/read-commands.ts';
import { parseSpan } from './cli/run-table.ts';
import { inSession } from './cli/session.ts';

const HELP = `
Runs are named by their ID, the beginning of it, or its last digits as progress lines show them.
Results go to standard output, everything else to standard error.

Settings (environment):
  NATS_URL         where NATS is (default: nats://127.0.0.1:4222); several servers with commas
  TROUPE_AUTH_DIR  the folder "auth" of Troupe's data folder (default: .troupe/auth of the project)
  NO_COLOR         no colours

Exit codes:
  0  done; of run, result and watch: the run completed; of audit: nothing is wrong
  1  the run failed, was rejected or cancelled; the audit or the doctor found something; or the command could not be carried out
  2  wrong usage
  3  the run ended with a partial report
  75  not now, for example because the store is full: try again later
  130  ended by Ctrl-C; the run goes on

Examples:
  npx troupe run "What do refunds cost?" > report.md
  npx troupe runs --since 7d
  npx troupe show 0199a1b2`;

interface JsonFlag {
  json?: boolean;
}

function span(text: string): number {
  const ms = parseSpan(text);
  if (ms === undefined) throw new InvalidArgumentError('It has to be a number with s, m, h or d, for example 24h.');
  return ms;
}

function position(text: string): RunPosition {
  const parsed = parsePosition(text);
  if (parsed === undefined) throw new InvalidArgumentError('It has to be <shard>:<sequence>, for example 2:1234.');
  return parsed;
}

function commandLine(): Command {
  const program = new Command('troupe')
    .description('Asks for runs and reads them. Troupe has to be up: npm start')
    .version(version())
    .exitOverride()
    .addHelpText('after', HELP);
  addRun(program);
  program
    .command('runs')
    .description('list the newest runs')
    .addOption(
      new Option('--since <span>', 'how far back: 90s, 30m, 24h, 7d').argParser(span).default(86_400_000, '24h'),
    )
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 10_000)).default(50))
    .option('--json', 'as JSON')
    .action(({ since, limit, json = false }: JsonFlag & { since: number; limit: number }) =>
      exitWith(inSession(false, (session) => showRuns(session, since, limit, json))),
    );
  program
    .command('show')
    .description('show the whole conversation of a run, in order')
    .argument('<run>')
    .option('--full', 'with the long texts')
    .option('--json', 'as JSON')
    .action((run: string, { full = false, json = false }: JsonFlag & { full?: boolean }) =>
      exitWith(inSession(false, (session) => showConversation(session, run, full, json))),
    );
  program
    .command('result')
    .description('print the report of a run that has ended')
    .argument('<run>')
    .option('--json', 'as JSON')
    .action((run: string, { json = false }: JsonFlag) =>
      exitWith(inSession(false, (session) => showResult(session, run, json))),
    );
  program
    .command('cancel')
    .description('end a run')
    .argument('<run>')
    .action((run: string) => exitWith(inSession(false, (session) => cancel(session, run))));
  program
    .command('watch')
    .description('show the progress of a run until it ends, or of all runs')
    .argument('[run]')
    .addOption(
      new Option('--after <position>', 'of a run: go on behind this position, as show --json gives it').argParser(
        position,
      ),
    )
    .action((run: string | undefined, { after }: { after?: RunPosition }) =>
      exitWith(inSession(false, (session) => watch(session, run, after))),
    );
  addAudit(program);
  addDoctor(program);
  addErase(program);
  addArchive(program);
  return program;
}

function addRun(program: Command): void {
  const run = program
    .command('run')
    .description('publish a goal, show its progress, print the report')
    .argument('<goal...>', 'what you want to know')
    .option('--id <id>', 'the same ID never starts a second run')
    .addOption(new Option('--tenant <name>', 'in whose name (default: default)').argParser(tenantName))
    .option('--no-wait', 'print the run ID and end')
    .option('--json', 'the result as JSON')
    .option('--quiet', 'no progress');
  for (const option of goalFlags()) run.addOption(option);
  run.action((words: string[], flags: GoalFlags & RunFlags & { id?: string; quiet?: boolean }) => {
    const goal = newGoal(words.join(' '), flags, flags.id);
    return exitWith(inSession(flags.quiet ?? false, (session) => publishAndWait(session, goal, flags)));
  });
}

function addAudit(program: Command): void {
  program
    .command('audit')
    .description('check the log of a run, or of all runs')
    .argument('[run]')
    .option('--all', 'every run that is in the log')
    .option('--json', 'as JSON')
    .addHelpText('after', AUDIT_HELP)
    .action((run: string | undefined, flags: AuditFlags) =>
      exitWith(inSession(false, (session) => audit(session, run, flags))),
    );
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the machine, NATS and the models, and say what to change')
    .option('--no-models', 'ask no model: nothing is spent')
    .option('--json', 'as JSON')
    .addHelpText('after', DOCTOR_HELP)
    .action((flags: DoctorFlags) => exitWith(doctor(flags, process.env)));
}

function addErase(program: Command): void {
  program
    .command('erase')
    .description('erase all that is kept of a tenant, or of a run')
    .addOption(new Option('--tenant <name>', 'all of its runs').argParser(tenantName))
    .option('--run <run>', 'one run')
    .option('--yes', 'it is meant')
    .addHelpText('after', ERASE_HELP)
    .action((flags: EraseFlags) => exitWith(eraseEverything(flags)));
}

function addArchive(program: Command): void {
  const archive = program
    .command('archive')
    .description('check what is kept of runs that are over')
    .addHelpText('after', ARCHIVE_HELP);
  archive
    .command('verify')
    .description('prove that the archive of a run is whole')
    .argument('<run>')
    .action((run: string) => exitWith(inSession(false, (session) => verifyArchive(session, run))));
  archive
    .command('discard')
    .description('take a run that is still in the log out of the archive')
    .argument('<run>')
    .option('--yes', 'it is meant')
    .action((run: string, { yes = false }: { yes?: boolean }) =>
      exitWith(inSession(false, (session) => discardArchive(session, run, yes))),
    );
  program
    .command('make-room')
    .description('say how full the store is, and erase old runs from the archive')
    .addOption(new Option('--older-than <span>', 'runs that were archived before: 24h, 90d').argParser(span))
    .addOption(new Option('--tenant <name>', 'of this tenant alone').argParser(tenantName))
    .option('--yes', 'it is meant')
    .addHelpText('after', MAKE_ROOM_HELP)
    .action((flags: MakeRoomFlags) => exitWith(inSession(false, (session) => makeRoom(session, flags))));
}

process.exitCode = await runCommandLine(commandLine(), process.argv.slice(2));
