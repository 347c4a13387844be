import { FairQueue } from './fair-queue.ts';

/** Whose question it is. A role is known by its credentials; the tenant is whatever the role says. */
export interface Party {
  readonly tenant: string;
  readonly role: string;
}

/**
 * What waits: the roles in turn, among a role's the tenants in turn, among a tenant's first come first served. A role that
 * names a thousand tenants has no more turns for it than any other role.
 */
export class RoleQueue<Item> {
  /** The role whose turn it is first. */
  readonly #roles = new Map<string, FairQueue<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Tenants that wait, of whichever role. */
  get tenants(): number {
    const names = new Set<string>();
    for (const queue of this.#roles.values()) for (const name of queue.names()) names.add(name);
    return names.size;
  }

  push({ role, tenant }: Party, item: Item): void {
    const queue = this.#roles.get(role) ?? new FairQueue<Item>();
    this.#roles.set(role, queue);
    this.#size -= queue.size;
    queue.push(tenant, item);
    this.#size += queue.size;
  }

  /** Takes the next of the first role that may have a turn; undefined if nothing waits that may. */
  shift(mayHaveTurn: (role: string) => boolean = () => true): Item | undefined {
    for (const [role, queue] of this.#roles) {
      if (!mayHaveTurn(role)) continue;
      const item = queue.shift();
      this.#roles.delete(role);
      if (queue.size > 0) this.#roles.set(role, queue);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }

  /** Whether the item was waiting. */
  remove({ role, tenant }: Party, item: Item): boolean {
    const queue = this.#roles.get(role);
    if (queue === undefined || !queue.remove(tenant, item)) return false;
    if (queue.size === 0) this.#roles.delete(role);
    this.#size -= 1;
    return true;
  }
}
