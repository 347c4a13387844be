/** Keeps the values of the `entriesMax` keys asked for last. */
export class Recent<Value extends object> {
  readonly #values = new Map<string, Value>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The kept value, or else the one that `make` gives, which is kept from then on. */
  get(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    // A Map lists its keys by insertion: the first is the one not asked for longest.
    this.#values.delete(key);
    this.#values.set(key, value);
    const oldest = this.#values.keys().next();
    if (this.#values.size > this.#entriesMax && oldest.done !== true) this.#values.delete(oldest.value);
    return value;
  }
}
