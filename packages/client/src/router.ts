import type { Engine, RouterMemory, Stats, Status, TargetControl } from '@breakwater/core';

/** A look inside a client's router: `client.router`. */
export class Router {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Counts since the client was made, as plain JSON: requests, attempts, failovers, and the same by target. */
  stats(): Stats {
    return this.#engine.stats();
  }

  /** Every target that was asked for so far, as it is now: ready, probing, open, cooling or quarantined, and for how long. */
  status(): Status {
    return this.#engine.status();
  }

  /**
   * A target by its id, `seoul/gpt-4.1`: its state, and its breaker to open, close, disable or observe by hand.
   * @throws RangeError for an id that no endpoint serves
   */
  target(id: string): TargetControl {
    return this.#engine.target(id);
  }

  /** What the breakers remember, as plain JSON: to be kept over a restart. */
  snapshot(): RouterMemory {
    return this.#engine.snapshot();
  }

  /**
   * Goes on where a snapshot was taken; answers with the ids in it that are unknown here.
   * @throws TypeError listing everything that is wrong with the snapshot
   */
  restore(memory: RouterMemory): readonly string[] {
    return this.#engine.restore(memory);
  }

  /** Forgets every listener. A client has no timers or sockets of its own to close; calls under way are not touched. */
  close(): void {
    this.#engine.hub.clear();
  }
}
