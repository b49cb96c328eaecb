import type { Engine, Stats, Status } from '@breakwater/core';

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

  /** Forgets every listener. A client has no timers or sockets of its own to close; calls under way are not touched. */
  close(): void {
    this.#engine.hub.clear();
  }
}
