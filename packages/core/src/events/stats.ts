import type { FailureKind } from '../outcome/outcome.js';
import type { EventHub } from './hub.js';

/** What happened at one target. */
export interface TargetStats {
  attempts: number;
  succeeded: number;
  failed: number;
  abandoned: number;
  /** Attempts that have not ended yet, streams that are still being read among them. */
  inFlight: number;
  failedBy: Partial<Record<FailureKind, number>>;
}

/** Counts since the client was made. Plain numbers: it can be turned to JSON as it is. */
export interface Stats {
  requests: { started: number; succeeded: number; failed: number; inFlight: number };
  attempts: number;
  retries: number;
  failovers: number;
  /** Answered requests that needed another target than the first, by all answered requests; 0 to 1. */
  fallbackRate: number;
  lastResorts: number;
  /** The target that answered last. */
  currentTarget: string | undefined;
  targets: Record<string, TargetStats>;
}

const emptyTarget = (): TargetStats => ({
  attempts: 0,
  succeeded: 0,
  failed: 0,
  abandoned: 0,
  inFlight: 0,
  failedBy: {},
});

/** Counts by listening: what the numbers say is what the events said. */
export class StatsFold {
  readonly #requests = { started: 0, succeeded: 0, failed: 0 };
  readonly #targets = new Map<string, TargetStats>();
  #attempts = 0;
  #retries = 0;
  #failovers = 0;
  #rerouted = 0;
  #lastResorts = 0;
  #current: string | undefined;

  constructor(hub: EventHub) {
    hub.on('request.started', () => {
      this.#requests.started += 1;
    });
    hub.on('request.succeeded', (event) => {
      this.#requests.succeeded += 1;
      this.#current = event.target;
      if (event.rerouted) this.#rerouted += 1;
    });
    hub.on('request.failed', () => {
      this.#requests.failed += 1;
    });
    this.#countAttempts(hub);
    hub.on('retry', () => {
      this.#retries += 1;
    });
    hub.on('failover', () => {
      this.#failovers += 1;
    });
    hub.on('lastresort.used', () => {
      this.#lastResorts += 1;
    });
  }

  #countAttempts(hub: EventHub): void {
    hub.on('attempt.started', ({ target }) => {
      const stats = this.#of(target);
      stats.attempts += 1;
      stats.inFlight += 1;
      this.#attempts += 1;
    });
    hub.on('attempt.succeeded', ({ target }) => {
      const stats = this.#of(target);
      stats.succeeded += 1;
      stats.inFlight -= 1;
    });
    hub.on('attempt.failed', ({ target, kind }) => {
      const stats = this.#of(target);
      stats.failed += 1;
      stats.inFlight -= 1;
      stats.failedBy[kind] = (stats.failedBy[kind] ?? 0) + 1;
    });
    hub.on('attempt.abandoned', ({ target }) => {
      const stats = this.#of(target);
      stats.abandoned += 1;
      stats.inFlight -= 1;
    });
  }

  #of(target: string): TargetStats {
    let stats = this.#targets.get(target);
    if (!stats) {
      stats = emptyTarget();
      this.#targets.set(target, stats);
    }
    return stats;
  }

  /** The counts as they are now, as a copy. */
  read(): Stats {
    const { started, succeeded, failed } = this.#requests;
    return {
      requests: { started, succeeded, failed, inFlight: started - succeeded - failed },
      attempts: this.#attempts,
      retries: this.#retries,
      failovers: this.#failovers,
      fallbackRate: succeeded === 0 ? 0 : this.#rerouted / succeeded,
      lastResorts: this.#lastResorts,
      currentTarget: this.#current,
      targets: Object.fromEntries(
        [...this.#targets].map(([id, stats]) => [id, { ...stats, failedBy: { ...stats.failedBy } }]),
      ),
    };
  }
}
