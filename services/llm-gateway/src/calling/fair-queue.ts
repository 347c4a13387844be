/** What waits, first come first served among one tenant's, and the tenants in turn. Every operation takes constant time. */
export class FairQueue<Item> {
  /** What each tenant waits for, the tenant whose turn it is first. */
  readonly #lines = new Map<string, Line<Item>>();
  /** One iterator for as long as it lasts: a new one would step over all that was removed before it. */
  #turns = this.#lines.entries();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Tenants that wait. */
  get tenants(): number {
    return this.#lines.size;
  }

  /** Their names. */
  names(): Iterable<string> {
    return this.#lines.keys();
  }

  push(tenant: string, item: Item): void {
    const line = this.#lines.get(tenant) ?? new Line<Item>();
    if (line.size === 0) this.#lines.set(tenant, line);
    if (line.add(item)) this.#size += 1;
  }

  /** Takes the oldest item of the tenant whose turn it is; undefined if nothing waits. */
  shift(): Item | undefined {
    const turn = this.#next();
    if (turn === undefined) return undefined;
    const [tenant, line] = turn;
    const item = line.shift();
    // To the end, behind all who wait: also one who comes back at once has had its turn.
    this.#lines.delete(tenant);
    if (line.size > 0) this.#lines.set(tenant, line);
    this.#size -= 1;
    return item;
  }

  /** Whether the item was waiting. */
  remove(tenant: string, item: Item): boolean {
    const line = this.#lines.get(tenant);
    if (line === undefined || !line.remove(item)) return false;
    if (line.size === 0) this.#lines.delete(tenant);
    this.#size -= 1;
    return true;
  }

  #next(): [string, Line<Item>] | undefined {
    if (this.#lines.size === 0) return undefined;
    const turn = this.#turns.next();
    if (turn.done !== true) return turn.value;
    // An iterator that has seen the end stays there.
    this.#turns = this.#lines.entries();
    return this.#turns.next().value;
  }
}

/** A queue from whose middle items may go. */
class Line<Item> {
  readonly #items = new Set<Item>();
  #oldest = this.#items.values();

  get size(): number {
    return this.#items.size;
  }

  add(item: Item): boolean {
    if (this.#items.has(item)) return false;
    this.#items.add(item);
    return true;
  }

  shift(): Item | undefined {
    let next = this.#oldest.next();
    if (next.done === true) {
      this.#oldest = this.#items.values();
      next = this.#oldest.next();
    }
    if (next.done === true) return undefined;
    this.#items.delete(next.value);
    return next.value;
  }

  remove(item: Item): boolean {
    return this.#items.delete(item);
  }
}
