import { resolve } from 'node:path';
import { SHARDS_MAX } from '@troupe/contract';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { NewGoal } from '../cli/api-client.ts';
import { version } from '../cli/command-line.ts';
import { type GoalFlags, goalFlags, newGoal, tenantsOption, wholeNumber } from '../cli/goal-options.ts';
import { ROOT } from '../roles.ts';

/** What `npm start` was asked to do. Folders are absolute. */
export interface StartOptions {
  /** The user's goal; without one an example is run, unless it was declined. */
  goal: NewGoal | undefined;
  example: boolean;
  /** The user's documents; without a folder the project's own documentation. */
  docs: string | undefined;
  dataDir: string;
  /** Undefined if it was not said: then NATS_URL may name a server that is there. */
  port: number | undefined;
  sync: string;
  replicas: number;
  shards: number | undefined;
  tenants: string[] | undefined;
  provider: string | undefined;
  /** Answers everything, of all runs of this start. */
  model: string | undefined;
  keepRunning: boolean;
  quiet: boolean;
}

interface Flags extends GoalFlags {
  docs?: string;
  data: string;
  port?: number;
  sync: string;
  replicas: number;
  shards?: number;
  tenants?: string[];
  provider?: string;
  offline?: boolean;
  example: boolean;
  keepRunning?: boolean;
  quiet?: boolean;
}

const HELP = `
With a goal, Troupe runs it on your documents, prints the report (Markdown with numbered citations) on standard
output and ends. Without one it runs an example on its own documentation and stays up for goals from any NATS client.
Everything but the report goes to standard error, so \`npm start --silent -- "…" > report.md\` gives the report alone.

Folders are relative to where you are. A run that is not finished when Troupe stops goes on at the next start with
the same data folder.

Settings (environment; options win):
  ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENAI_BASE_URL   a model provider; without one, the built-in offline model
  TROUPE_MODEL_PROVIDER, TROUPE_MODEL, TROUPE_MODELS   one provider, one model, or a file of models
  TROUPE_DOCS, TROUPE_NATS_PORT                        as --docs and --port
  TROUPE_POLICY                                        the tool policy (default: services/policy-guard/policy.yaml)
  TROUPE_METRICS_PORT                                  first port of the metrics (default: 9464)
  TROUPE_HUNG_MS                                       a role silent for so long is restarted (default: 30000)
  NATS_URL, TROUPE_AUTH_DIR                            a NATS server that is up, set up with: npm run nats-auth;
                                                       several of a cluster with commas between them
  TROUPE_STREAM_REPLICAS                               copies of each stream, made by such a cluster: 1, 3 or 5
  NO_COLOR                                             no colours

Exit codes:
  0    the run completed
  1    the run failed, was rejected or cancelled; or Troupe could not start
  2    wrong usage: an option, the goal or the documents folder
  3    the run ended with a partial report
  75   the goal was not taken now, for example because the store is full: try again later
  130  stopped by Ctrl-C (143 by SIGTERM); what was not finished goes on at the next start

Examples:
  npm start
  npm start --silent -- "How do battery ferries perform in storms?" --docs ./reports > report.md
  npm start -- --docs ./reports --keep-running "What do refunds cost?"`;

/** Reads the command line. Relative folders belong to `cwd`. Throws CommanderError or a usage Failure. */
export function parseOptions(words: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): StartOptions {
  const program = commandLine().parse(words, { from: 'user' });
  // The gateway of this start is told which model: it need not be one that its catalogue knows.
  const { model, ...flags } = program.opts<Flags>();
  const text = program.args.length === 0 ? undefined : program.args.join(' ');
  const docs = flags.docs ?? (environment['TROUPE_DOCS'] || undefined);
  const port = flags.port ?? portOf(environment['TROUPE_NATS_PORT']);
  return {
    goal: text === undefined ? undefined : newGoal(text, flags),
    example: flags.example && docs === undefined,
    docs: docs === undefined ? undefined : resolve(cwd, docs),
    dataDir: resolve(cwd, flags.data),
    port,
    sync: flags.sync,
    replicas: flags.replicas,
    shards: flags.shards,
    tenants: flags.tenants,
    provider: flags.offline === true ? 'offline' : flags.provider,
    model,
    keepRunning: text === undefined || (flags.keepRunning ?? false),
    quiet: flags.quiet ?? false,
  };
}

const portNumber = wholeNumber(1, 65_535);

function portOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : portNumber(text);
}

function duration(text: string): string {
  if (text === 'always' || /^[1-9]\d{0,5}(ms|s|m|h)$/.test(text)) return text;
  throw new InvalidArgumentError('It has to be "always" or a time, for example 2m.');
}

function commandLine(): Command {
  const program = new Command('npm start --')
    .description('Starts Troupe: NATS, every role process, and a run.')
    .argument('[goal...]', 'what you want to know')
    .option('--docs <folder>', 'documents to search: Markdown, text and HTML')
    .addOption(new Option('--port <n>', 'port of NATS (default: 4222)').argParser(portNumber))
    .addOption(
      new Option('--data <folder>', 'where everything is kept').default(
        resolve(ROOT, '.troupe'),
        '.troupe in the project',
      ),
    )
    .addOption(
      new Option('--sync <when>', 'when writes reach the disk: before they count ("always"), or every so often')
        .argParser(duration)
        .default('always'),
    )
    .addOption(new Option('--replicas <n>', 'processes per role').argParser(wholeNumber(1, 16)).default(1))
    .addOption(
      new Option(
        '--shards <n>',
        'streams that the log is spread over, fixed at the first start (default: one per replica)',
      ).argParser(wholeNumber(1, SHARDS_MAX)),
    )
    .addOption(tenantsOption())
    .addOption(
      new Option('--provider <name>', "who answers the models' questions").choices([
        'offline',
        'openai',
        'anthropic',
        'scripted',
      ]),
    )
    .addOption(
      new Option(
        '--offline',
        'no model at all: the built-in deterministic provider, whatever keys there are',
      ).conflicts(['provider', 'model']),
    );
  for (const option of goalFlags()) program.addOption(option);
  return program
    .option('--no-example', 'without a goal: only start, and wait for goals')
    .option('--keep-running', 'with a goal: stay up after the report')
    .option('--quiet', 'no progress')
    .version(version())
    .exitOverride()
    .addHelpText('after', HELP);
}
