import type { RoundTrip } from './round-trip.js';

/** How far a target is, in milliseconds, as its answers are to be judged by; 0 for not at all. */
export interface Way {
  ms(now: number): number;
  /** What was measured, whether or not it counts; undefined for nothing. */
  readonly measuredMs: number | undefined;
  /** An answer took so long: the way cannot be longer. */
  atMost(ms: number, now: number): void;
}

/**
 * The ways to all the targets of a model. They count only when every one of them is known: taken off the times of one target and not of
 * the other, the same way would make the one look slow. (A region that had been probed during an outage, and was never asked again, was
 * for ever believed to be one round trip slower than its equal.)
 */
export class Ways {
  readonly #all: readonly RoundTrip[];
  #known = 0;

  constructor(all: readonly RoundTrip[]) {
    this.#all = all;
  }

  /** One of them. */
  to(roundTrip: RoundTrip): Way {
    return {
      ms: (now) => (this.#areKnown(now) ? roundTrip.ms(now) : 0),
      atMost: (ms, now) => roundTrip.atMost(ms, now),
      get measuredMs() {
        return roundTrip.measuredMs;
      },
    };
  }

  /** What is known once stays known, so each is looked at until then and no more. */
  #areKnown(now: number): boolean {
    for (; this.#known < this.#all.length; this.#known += 1) if (this.#all[this.#known]?.ms(now) === 0) return false;
    return true;
  }
}
