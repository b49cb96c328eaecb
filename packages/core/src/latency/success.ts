import { Decaying } from '../base/decaying.js';
import type { Flight } from './flight.js';

const FADES_MS = 20_000;
/** One outcome is worth a twentieth at least. */
const MOST_OUTCOMES = 20;
/** So many successes are ascribed to every target, so that one failure after an idle hour is no verdict. */
const PRIOR_SUCCESSES = 2;
const LEAST = 0.05;
/** Of two targets that are equal but for this the one is still asked as often as the other. */
const HEALED = 0.99;
/**
 * A target that has failed is tried when nobody has asked it for so long, in milliseconds. Few calls go where they fail, so its
 * breaker may never open and never probe, and beside an equal the least doubt keeps every call away.
 */
const TRIED_AFTER_MS = 5_000;

/** How often the calls of one target succeed, and what of that is held against it. */
export class Success {
  #outcomes = new Decaying(FADES_MS, MOST_OUTCOMES);
  #hasFailed = false;
  #askedAt = 0;
  #trial: Flight | undefined;

  /** A call begins. */
  begin(flight: Flight, now: number): void {
    if (this.#isDue(now)) this.#trial = flight;
    this.#askedAt = now;
  }

  /** Whether a call under way is the one that finds out. */
  isTrial(flight: Flight): boolean {
    return flight === this.#trial;
  }

  /** A call ended in a success or a failure; undefined when it says nothing of its target. */
  end(flight: Flight, isSuccess: boolean | undefined, now: number): void {
    const isTrial = flight === this.#trial;
    if (isTrial) this.#trial = undefined;
    if (isSuccess === undefined) return;
    if (isTrial && isSuccess) this.forget();
    this.#outcomes.add(isSuccess ? 1 : 0, now);
    // A success among failures has not made up for them: they would keep calls away, and it would never be tried.
    this.#hasFailed = !isSuccess || (this.#hasFailed && this.rate(now) < HEALED);
  }

  /** It is well again: what failed before says nothing any more. */
  forget(): void {
    this.#outcomes = new Decaying(FADES_MS, MOST_OUTCOMES);
    this.#hasFailed = false;
  }

  /** The decaying share of calls that succeeded, 0.05 to 1. */
  rate(now: number): number {
    const weight = this.#outcomes.weight(now);
    const rate = (this.#outcomes.mean * weight + PRIOR_SUCCESSES) / (weight + PRIOR_SUCCESSES);
    return Math.max(LEAST, rate);
  }

  /** The share that a choice goes by: 1 when it is time that a call finds out. */
  chosenBy(now: number): number {
    return this.#isDue(now) ? 1 : this.rate(now);
  }

  /** Until when that share stays as it is while nothing happens; what was last seen to fail is looked at anew each time. */
  get steadyUntil(): number {
    return this.#hasFailed ? Number.NEGATIVE_INFINITY : this.#outcomes.steadyUntil;
  }

  #isDue(now: number): boolean {
    // A clock that stepped back an hour must not keep it waiting for that hour.
    return this.#hasFailed && Math.abs(now - this.#askedAt) >= TRIED_AFTER_MS;
  }
}
