import type { Cluster } from '@troupe/scripts/cluster';
import type { ChildOptions } from '@troupe/scripts/role-child';
import { ofBuild } from './builds.ts';
import { sumOf } from './evidence.ts';
import type { Pace } from './pace.ts';
import { goalText, type Publisher } from './publisher.ts';
import type { Torment } from './scenario.ts';

type Child = Cluster['children'][number];

/** What processes counted in their lives. */
interface Counted {
  left: number;
  failures: number;
}

/** What all processes that live now have counted. */
export async function countedBy(children: readonly Child[]): Promise<Counted> {
  const metrics = children.flatMap(({ port }) => (port === undefined ? [] : [{ port }]));
  const [left, failures] = await Promise.all([
    sumOf(metrics, 'troupe_left_total'),
    sumOf(metrics, 'troupe_failures_total'),
  ]);
  return { left, failures };
}

/** Replaces the processes of a company, one after the other, while goals come as it goes on. */
export class Replacing {
  readonly #torment: Torment;
  readonly #pace: Pace;
  readonly #own: ReadonlyMap<Child, ChildOptions>;
  readonly #stepsMax: number;
  #steps = 0;
  #replaced = 0;
  /** Of processes that were replaced. */
  #left = 0;

  /** `stepsMax`: replacements, and what else the goals are spread over. */
  constructor(torment: Torment, pace: Pace, stepsMax: number) {
    this.#torment = torment;
    this.#pace = pace;
    this.#stepsMax = stepsMax;
    this.#own = new Map(torment.cluster.children.map((child) => [child, child.options]));
  }

  get replaced(): number {
    return this.#replaced;
  }

  /** How often a message was left to another build until now. */
  async left(): Promise<number> {
    return this.#left + (await countedBy(this.#torment.cluster.children)).left;
  }

  /** Each process becomes one of the build in `folder`, or of this tree. */
  async all(children: readonly Child[], folder: string | undefined): Promise<void> {
    for (const child of children) {
      const own = this.#own.get(child) ?? child.options;
      this.#left += (await countedBy([child])).left;
      await this.#torment.replace(child, folder === undefined ? own : ofBuild(own, folder));
      this.#replaced += 1;
      this.step();
    }
  }

  /** Lets the next goals go. */
  step(): void {
    this.#steps += 1;
    this.#pace.advance(this.#steps / this.#stepsMax);
  }
}

/** Publishes a goal when its turn has come: goals are spread over the replacements, however long these take. */
export const publishAt =
  (pace: Pace) =>
  async (publisher: Publisher, index: number, _random: () => number, runs: number): Promise<void> => {
    await pace.until(index / runs);
    await publisher.publish({ id: `fault-${index}`, goal: goalText(index) });
  };
