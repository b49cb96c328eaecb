import type { Line } from '../base/signal.js';

/** Those who wait for the end of a rest, the longest waiting first. */
export class RestLine implements Line {
  readonly #turns = new Set<() => void>();

  join(turn: () => void): () => void {
    this.#turns.add(turn);
    return () => this.#turns.delete(turn);
  }

  /** Lets the first go, if there is one. */
  next(): void {
    const [first] = this.#turns;
    if (!first) return;
    this.#turns.delete(first);
    first();
  }
}
