import type { Demand } from './limit.js';

/** What gives room to a reservation: a limiter, or one that learned its limits. */
export interface Reserved {
  readonly line: { look(): void };
  take(demand: Demand, now: number): void;
  settle(takenAt: number, taken: Demand, actual: number | undefined, now: number): void;
  cancel(takenAt: number, taken: Demand, now: number): void;
}

const NOWHERE: readonly Reserved[] = [];

/** Room taken in several limiters at once: all were looked at before any was taken, so that none is charged for a request that did not leave. */
export class Reservation {
  #limiters: readonly Reserved[];
  readonly #demand: Demand;
  readonly #takenAt: number;

  private constructor(limiters: readonly Reserved[], demand: Demand, takenAt: number) {
    this.#limiters = limiters;
    this.#demand = demand;
    this.#takenAt = takenAt;
  }

  /** Takes the room; the caller has seen that there is some, in the same turn. The list is kept, so it must not change. */
  static take(limiters: readonly Reserved[], demand: Demand, now: number): Reservation {
    for (const limiter of limiters) limiter.take(demand, now);
    return new Reservation(limiters, demand, now);
  }

  /** The request is over and took so many tokens; undefined when nobody knows, then as many as were reserved. Only the first word counts. */
  settle(actualTokens: number | undefined, now: number): void {
    const limiters = this.#end();
    for (const limiter of limiters) limiter.settle(this.#takenAt, this.#demand, actualTokens, now);
    tellLines(limiters);
  }

  /** The request did not take place: all is given back. Only the first word counts. */
  cancel(now: number): void {
    const limiters = this.#end();
    for (const limiter of limiters) limiter.cancel(this.#takenAt, this.#demand, now);
    tellLines(limiters);
  }

  #end(): readonly Reserved[] {
    const limiters = this.#limiters;
    this.#limiters = NOWHERE;
    return limiters;
  }
}

/** Only when all have got theirs back: whoever waits may need room in several. */
function tellLines(limiters: readonly Reserved[]): void {
  for (const limiter of limiters) limiter.line.look();
}
