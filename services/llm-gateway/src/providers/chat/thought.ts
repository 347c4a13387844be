const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Takes out what a model thinks aloud at the beginning of its text, between `<think>` and `</think>`: some servers do not
 * tell it apart. Text that may still turn out to be the mark is held back until it is clear.
 */
export class ThoughtFilter {
  #state: 'beginning' | 'thought' | 'text' = 'beginning';
  #blanks = '';
  #held = '';

  /** The text that is clear by now. */
  push(delta: string): string {
    if (this.#state === 'text') return delta;
    this.#hold(delta);
    const isThought = this.#state === 'thought' || this.#held.startsWith(OPEN);
    return isThought ? this.#think() : this.#begin();
  }

  /** What was held back until the text ended. A thought without an end is no text. */
  end(): string {
    return this.#state === 'beginning' ? this.#release(this.#blanks + this.#held) : '';
  }

  /** Blanks at the beginning are kept apart: they may be all that comes, and would be looked through with each delta. */
  #hold(delta: string): void {
    const text = this.#state === 'beginning' && this.#held === '' ? delta.trimStart() : delta;
    this.#blanks += delta.slice(0, delta.length - text.length);
    this.#held += text;
  }

  #begin(): string {
    return OPEN.startsWith(this.#held) ? '' : this.#release(this.#blanks + this.#held);
  }

  #think(): string {
    this.#state = 'thought';
    const end = this.#held.indexOf(CLOSE);
    if (end !== -1) return this.#release(this.#held.slice(end + CLOSE.length).trimStart());
    // Only the end of it can be the beginning of the mark.
    this.#held = this.#held.slice(-CLOSE.length);
    return '';
  }

  #release(text: string): string {
    this.#state = 'text';
    this.#held = '';
    return text;
  }
}
