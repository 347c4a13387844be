import { Goal, type GoalOptions, Token, TOKEN_PRESETS, TOKENS_MAX, TOKENS_MIN, USD_MAX } from '@troupe/contract';
import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import type { NewGoal } from './api-client.ts';
import { EXIT, Failure } from './failure.ts';

const SECOND_MS = 1_000;

/** What `--preset`, `--budget-tokens`, `--budget-usd`, `--model`, `--revisions` and `--deadline` give. */
export interface GoalFlags {
  preset?: GoalOptions['preset'];
  budgetTokens?: number;
  budgetUsd?: number;
  model?: string;
  revisions?: number;
  deadline?: number;
}

/** A parser of whole numbers within bounds, for commander. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < min || number > max) {
      throw new InvalidArgumentError(`It has to be a whole number from ${min} to ${max}.`);
    }
    return number;
  };
}

/** A parser of amounts of US dollars, for commander. */
function dollars(text: string): number {
  const amount = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || amount <= 0 || amount > USD_MAX)
    throw new InvalidArgumentError(`It has to be an amount of US dollars up to ${USD_MAX}, for example 0.50.`);
  return amount;
}

/** `--tenants a,b`: whose clients may come, beside the default tenant's. */
export const tenantsOption = (): Option =>
  new Option(
    '--tenants <names>',
    'tenants to add, separated by commas; each has a key and an account of its own',
  ).argParser((names: string) => names.split(',').map(tenantName));

/** A parser of a tenant's name, for commander. */
export function tenantName(name: string): string {
  const parsed = Token.safeParse(name);
  if (!parsed.success) throw new InvalidArgumentError(`A tenant's name ${parsed.error.issues[0]?.message ?? ''}.`);
  return parsed.data;
}

/** The options of a goal, the same for every command that publishes one. */
export function goalFlags(): Option[] {
  return [
    new Option(
      '--preset <size>',
      'tokens that the run may spend: 5,000, 15,000, 50,000 or 200,000 (default: xlarge)',
    ).choices(Object.keys(TOKEN_PRESETS)),
    new Option('--budget-tokens <n>', 'any other number of tokens').argParser(wholeNumber(TOKENS_MIN, TOKENS_MAX)),
    new Option('--budget-usd <amount>', 'US dollars that the run may spend on models').argParser(dollars),
    new Option('--model <name>', 'the model that answers everything (default: by how hard a step is)'),
    new Option('--revisions <n>', 'times that the critic may send the draft back (default: 1)').argParser(
      wholeNumber(0, 5),
    ),
    new Option('--deadline <seconds>', 'when the run has to end (default: 600)').argParser(wholeNumber(1, 86_400)),
  ];
}

/** `id: must be …`: as the API tells it. */
const told = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.join('.')}: ${message}`;

/** A goal ready to publish. Throws a usage Failure with one sentence if it is empty, too long, or its ID is not valid. */
export function newGoal(text: string, flags: GoalFlags, id?: string): NewGoal {
  if (text.trim() === '') {
    throw new Failure('The goal is empty: say what you want to know, for example "What do refunds cost?"', EXIT.usage);
  }
  const { preset, budgetTokens, budgetUsd, model, revisions, deadline } = flags;
  const options: Partial<GoalOptions> = {
    ...(preset === undefined ? {} : { preset }),
    ...(budgetTokens === undefined ? {} : { tokens_max: budgetTokens }),
    ...(budgetUsd === undefined ? {} : { usd_max: budgetUsd }),
    ...(model === undefined ? {} : { model }),
    ...(revisions === undefined ? {} : { revisions_max: revisions }),
    ...(deadline === undefined ? {} : { deadline_ms: deadline * SECOND_MS }),
  };
  const goal = { goal: text.trim(), options, ...(id === undefined ? {} : { id }) };
  const parsed = Goal.safeParse(goal);
  if (!parsed.success)
    throw new Failure(`The goal is not valid: ${parsed.error.issues.map(told).join('; ')}.`, EXIT.usage);
  return goal;
}
