/** So many models are remembered as being in panic; with one more the end of the oldest is not told. */
const MOST = 1_000;

/**
 * The models, as callers asked for them, of which every target rests, so that one is asked all the same. A call that finds a target that
 * may be asked ends it; nobody waits for that with a timer.
 */
export class Panics {
  readonly #since = new Map<string, number>();

  /** Whether there are any: that is all that most calls look at. */
  get any(): boolean {
    return this.#since.size > 0;
  }

  /** A resting target is asked; tells whether that is new. */
  entered(model: string, now: number): boolean {
    if (this.#since.has(model)) return false;
    if (this.#since.size >= MOST) this.#since.delete(this.#since.keys().next().value as string);
    this.#since.set(model, now);
    return true;
  }

  /** A target is asked that does not rest; answers when the panic began that this ends, undefined when there is none. */
  left(model: string): number | undefined {
    const since = this.#since.get(model);
    this.#since.delete(model);
    return since;
  }
}
