import { Decaying } from '../base/decaying.js';

/** A guess for the work behind an answer while no target of the model has given one, as a natural logarithm of milliseconds. */
const NOBODY_KNOWS = Math.log(500);
const SLOW_MS = 300_000;
const FAST_MS = 30_000;

/** What all targets of a model have in common, for calls of one kind: what is expected of a target that is not known yet. */
export class Peers {
  readonly #level = new Decaying(SLOW_MS);
  readonly #average = new Decaying(FAST_MS);
  #isKnown = false;

  /** An answer of any of them: how long its work took, as a logarithm, and how long it took in all, in milliseconds. */
  add(level: number, ms: number, now: number): void {
    this.#isKnown = true;
    this.#level.add(level, now);
    this.#average.add(ms, now);
  }

  /** The mean logarithm of the work. */
  get level(): number {
    return this.#isKnown ? this.#level.mean : NOBODY_KNOWS;
  }

  /** The mean time in milliseconds; 0 when there is none. */
  get averageMs(): number {
    return this.#average.mean;
  }
}

/** The targets of one model. What is streamed is timed to its first content, the rest to its end: the two are never mixed. */
export class LatencyGroup {
  readonly whole = new Peers();
  readonly streamed = new Peers();
}
