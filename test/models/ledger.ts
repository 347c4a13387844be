import { createHash } from 'node:crypto';
import type { Conversation } from './character.ts';

/** Requests whose bodies are kept; the counts go on. */
export const REQUESTS_KEPT_MAX = 1_000;

/** What became of a request. `aborted`: the client left before its answer was complete. */
export type Fate = 'under_way' | 'answered' | 'refused' | 'told' | 'failed' | 'aborted';

export interface Kept {
  path: string;
  model: string | undefined;
  fate: Fate;
  fault: string | undefined;
  status: number | undefined;
  body: unknown;
  headers: Readonly<Record<string, string>>;
}

export interface Counts {
  total: number;
  active: number;
  activeMax: number;
  fates: Partial<Record<Fate, number>>;
  faults: Record<string, number>;
  models: Record<string, number>;
  /** How often each question was asked, by the digest of what a character hears of it. */
  questions: Record<string, number>;
}

export interface Requests extends Counts {
  /** The last {@link REQUESTS_KEPT_MAX}. */
  requests: Kept[];
}

export interface Entry {
  /** The question of this request, once it is known to be one. */
  question(model: string, conversation: Conversation): void;
  /** It is being answered from now on: counted as active until it ends. */
  begin(): void;
  fault(name: string): void;
  /** The first word counts. */
  end(fate: Exclude<Fate, 'under_way'>, status?: number): void;
}

/** Counts what comes in and what became of it. */
export class Ledger {
  #kept: Kept[] = [];
  #counts: Counts = { total: 0, active: 0, activeMax: 0, fates: {}, faults: {}, models: {}, questions: {} };

  open(path: string, body: unknown, headers: Readonly<Record<string, string>>): Entry {
    const counts = this.#counts;
    const kept: Kept = {
      path,
      body,
      headers,
      model: undefined,
      fate: 'under_way',
      fault: undefined,
      status: undefined,
    };
    counts.total += 1;
    this.#kept.push(kept);
    if (this.#kept.length > REQUESTS_KEPT_MAX) this.#kept.shift();
    let isActive = false;
    return {
      question(model, conversation) {
        kept.model = model;
        counts.models[model] = (counts.models[model] ?? 0) + 1;
        const digest = digestOf(conversation);
        counts.questions[digest] = (counts.questions[digest] ?? 0) + 1;
      },
      begin() {
        isActive = true;
        counts.active += 1;
        counts.activeMax = Math.max(counts.activeMax, counts.active);
      },
      fault(name) {
        kept.fault = name;
        counts.faults[name] = (counts.faults[name] ?? 0) + 1;
      },
      end(fate, status) {
        if (kept.fate !== 'under_way') return;
        kept.fate = fate;
        kept.status = status;
        counts.fates[fate] = (counts.fates[fate] ?? 0) + 1;
        if (isActive) counts.active -= 1;
      },
    };
  }

  get active(): number {
    return this.#counts.active;
  }

  read(): Requests {
    return { ...structuredClone(this.#counts), requests: [...this.#kept] };
  }
}

/** The same for the same question, whatever it is asked with: limits, efforts and call IDs are no part of it. */
function digestOf({ system, messages, tools }: Conversation): string {
  const said = messages.map((heard) => {
    if (heard.role !== 'assistant') return [heard.role, heard.text];
    return [heard.role, heard.text, heard.calls.map((one) => [one.name, one.arguments])];
  });
  const names = tools.map(({ name }) => name).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([system, said, names]))
    .digest('hex')
    .slice(0, 16);
}
