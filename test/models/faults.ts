import { z } from 'zod';

/** Before anything is said, as HTTP statuses. */
const STATUSES = [
  'rate_limited',
  'server_error',
  'overloaded',
  'spent',
  'usage_limit',
  'wrong_key',
  'forbidden',
] as const;
/** To the connection or the stream. `reset`: closed before an answer; `hang`: never answered; `cut`: closed in the middle. */
const CONNECTIONS = ['reset', 'hang', 'hang_midway', 'cut', 'error_event', 'malformed_json'] as const;
/** In what is said. */
const WORDS = [
  'wrong_arguments',
  'broken_arguments',
  'nine_calls',
  'no_call',
  'empty',
  'refusal',
  'length',
  'pause',
  'context',
] as const;
export const FAULTS = [...STATUSES, ...CONNECTIONS, ...WORDS] as const;
export type Fault = (typeof FAULTS)[number];
export type StatusFault = (typeof STATUSES)[number];
export type WordFault = (typeof WORDS)[number];

const RETRY_AFTER_SECONDS = 1;

const Rule = z.strictObject({
  fault: z.enum(FAULTS),
  /** For so many requests from now on, for each nth, or for all; of those for `model` alone if it is named. */
  when: z.union([
    z.strictObject({ next: z.int().positive() }),
    z.strictObject({ every: z.int().positive() }),
    z.literal('all'),
  ]),
  model: z.string().optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
});

/** What goes wrong from now on. All of it is replaced at once; `{}` is a service without faults. */
export const FaultSettings = z.strictObject({
  rules: z.array(Rule).max(64).default([]),
  /** Above so many answers at once a 429 comes. */
  concurrencyMax: z.int().positive().optional(),
  /** Waited before each answer. */
  latencyMs: z.number().nonnegative().max(600_000).default(0),
  /** Waited between two events of a stream, as a model that writes does. */
  paceMs: z.number().nonnegative().max(60_000).default(0),
  /** Told in the headers of each answer. */
  limits: z
    .strictObject({
      requestsPerMinute: z.int().nonnegative(),
      requestsLeft: z.int().nonnegative(),
      tokensPerMinute: z.int().nonnegative(),
      tokensLeft: z.int().nonnegative(),
    })
    .optional(),
  /** In seconds, with each 429 that no rule says otherwise of. */
  retryAfterSeconds: z.number().nonnegative().default(RETRY_AFTER_SECONDS),
});
export type FaultSettings = z.infer<typeof FaultSettings>;
export type FaultInput = z.input<typeof FaultSettings>;

export interface Struck {
  fault: Fault;
  retryAfterSeconds: number;
}

export interface FaultBox {
  readonly settings: FaultSettings;
  set(input: FaultInput): void;
  /** What happens to the next question, which is counted. `active`: answers under way without it. */
  strike(model: string, active: number): Struck | undefined;
}

const isStatus = (fault: Fault): fault is StatusFault => STATUSES.some((status) => status === fault);
const isOfWords = (fault: Fault): fault is WordFault => WORDS.some((word) => word === fault);
export const faultIs = { status: isStatus, ofWords: isOfWords };

export function faultBox(input: FaultInput = {}): FaultBox {
  let settings = FaultSettings.parse(input);
  /** Questions that each rule has seen. */
  let seen = settings.rules.map(() => 0);
  return {
    get settings() {
      return settings;
    },
    set(next) {
      settings = FaultSettings.parse(next);
      seen = settings.rules.map(() => 0);
    },
    strike(model, active) {
      const { concurrencyMax, retryAfterSeconds, rules } = settings;
      if (concurrencyMax !== undefined && active >= concurrencyMax) return { fault: 'rate_limited', retryAfterSeconds };
      for (const [index, rule] of rules.entries()) {
        if (rule.model !== undefined && rule.model !== model) continue;
        const count = (seen[index] ?? 0) + 1;
        seen[index] = count;
        if (strikes(rule.when, count))
          return { fault: rule.fault, retryAfterSeconds: rule.retryAfterSeconds ?? retryAfterSeconds };
      }
      return undefined;
    },
  };
}

function strikes(when: z.infer<typeof Rule>['when'], count: number): boolean {
  if (when === 'all') return true;
  return 'next' in when ? count <= when.next : count % when.every === 0;
}
