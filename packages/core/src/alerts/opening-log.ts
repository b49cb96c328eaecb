import type { RouterEvents } from '../events/events.js';

const MOST = 200;
const TOLD = 20;

/** A breaker that opened. */
export interface ReportedOpening {
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** `endpoint/model`; `endpoint/*` for the connections to an endpoint. */
  readonly target: string;
  readonly scope: 'target' | 'transport';
  readonly reason: string;
  readonly openForMs: number;
}

/** The newest openings of breakers. */
export class OpeningLog {
  readonly #openings: ReportedOpening[] = [];
  #count = 0;

  /** How many there were in all. */
  get count(): number {
    return this.#count;
  }

  /** Takes in one. */
  add({ at, target, scope, reason, openForMs }: RouterEvents['breaker.opened']): void {
    this.#count += 1;
    if (this.#openings.length >= MOST) this.#openings.shift();
    this.#openings.push({ at, target, scope, reason, openForMs });
  }

  /** How often that of a target has opened since a moment, as far as that is remembered. */
  of(target: string, since: number): number {
    return this.#openings.filter((one) => one.target === target && one.at >= since).length;
  }

  /** The newest, the oldest of them first. */
  latest(): readonly ReportedOpening[] {
    return this.#openings.slice(-TOLD);
  }
}
