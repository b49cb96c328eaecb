/** A timer that waits for its time. */
export interface Waiting {
  readonly dueAt: number;
  readonly run: () => void;
}

/** The timers of a clock that is moved by hand. */
export class Timers {
  /** A Set keeps the order of setting, which decides between timers of the same time. */
  readonly #waiting = new Set<Waiting>();

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Lets a timer wait; the answer is its handle. */
  add(run: () => void, dueAt: number): Waiting {
    const timer = { dueAt, run };
    this.#waiting.add(timer);
    return timer;
  }

  /** Drops a timer; anything that is none of these is let be. */
  drop(timer: unknown): void {
    this.#waiting.delete(timer as Waiting);
  }

  /** Takes out the first that is due, or nothing. */
  take(until: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const timer of this.#waiting) {
      if (timer.dueAt <= until && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    if (first !== undefined) this.#waiting.delete(first);
    return first;
  }
}
