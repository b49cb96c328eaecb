import type { Random } from '../base/random.js';

/**
 * How much an endpoint needs to be looked at. `soon`: there is trouble, which whoever calls is finding out about as well; a probe is worth
 * something when that has lasted. `now`: nobody else looks.
 */
export type Need = 'none' | 'soon' | 'now';

/** When probes are made, in milliseconds. */
export interface ScheduleTerms {
  readonly intervalMs: number;
  readonly jitter: number;
}

/** When one endpoint is due for a probe: found out when asked, and never more often than once in an interval. */
export class Schedule {
  readonly #terms: ScheduleTerms;
  #notBefore = Number.NEGATIVE_INFINITY;
  #troubledSince: number | undefined;

  constructor(terms: ScheduleTerms) {
    this.#terms = terms;
  }

  /** Milliseconds until a probe is due, infinite while none is needed; `need` is remembered. */
  dueInMs(need: Need, now: number): number {
    this.#troubledSince = need === 'soon' ? (this.#troubledSince ?? now) : undefined;
    if (need === 'none') return Number.POSITIVE_INFINITY;
    const patientUntil = this.#troubledSince === undefined ? now : this.#troubledSince + this.#terms.intervalMs;
    return Math.max(0, this.#notBefore - now, patientUntil - now);
  }

  /** A probe begins. */
  begin(now: number, random: Random): void {
    const { intervalMs, jitter } = this.#terms;
    this.#notBefore = now + Math.max(1, intervalMs * (1 + jitter * (2 * random() - 1)));
  }

  /** No probe is due for so long, in milliseconds. */
  pause(ms: number, now: number): void {
    this.#notBefore = Math.max(this.#notBefore, now + ms);
  }
}
