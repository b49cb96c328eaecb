import type { Demand, LimitDimension, LimitWait } from './limit.js';
import type { Limiting } from './limiting.js';
import { WaitingLine } from './waiting-line.js';

/** So many calls at a time before anything is known. */
const FIRST = 8;
const LEAST = 1;
const MOST = 512;
/** While as many calls are answered as it lets through, it lets half a call more through. */
const STEP = 0.5;
const CUT = 0.9;
/** An answer that takes so many times as long as usual tells of a queue. */
const MUCH_LONGER = 4;
/** … and not of chance, when so many in a row do: of healthy answers one in a hundred takes as long, where times scatter widely one in twenty. */
const IN_A_ROW = 3;

/** How an attempt ended, as far as it tells of what its target bears. */
export interface Borne {
  /** `refused` for a 429, a 503, or no answer in time; `neither` for what says nothing of load. */
  readonly end: 'answered' | 'refused' | 'neither';
  readonly startedAt: number;
  readonly durationMs: number;
  /** How long answers usually take; 0 when that is not known. */
  readonly usualMs: number;
}

/**
 * How many calls at a time are let through to one target, found out by trying: a little more while answers come as usual and at least half
 * of it is used, a tenth less when a call is refused, or several in a row take much longer than usual. Additive increase, multiplicative decrease (Chiu
 * and Jain 1989), held where it is not used, as in Netflix's concurrency-limits.
 */
export class AdaptiveConcurrency implements Limiting {
  readonly scope: string;
  readonly line: WaitingLine;
  readonly mostTokens = Number.POSITIVE_INFINITY;
  readonly #answer: LimitWait = { waitMs: Number.MAX_SAFE_INTEGER, dimension: 'concurrency' };
  #limit = FIRST;
  #underWay = 0;
  #cutAt = Number.NEGATIVE_INFINITY;
  #late = 0;

  constructor(scope: string, maxWaiting: number) {
    this.scope = scope;
    this.line = new WaitingLine(this, maxWaiting);
  }

  wait(): LimitWait | undefined {
    return this.#underWay < Math.floor(this.#limit) ? undefined : this.#answer;
  }

  take(): void {
    this.#underWay += 1;
  }

  settle(_takenAt: number, _taken: Demand, _actual: number | undefined): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
  }

  cancel(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
  }

  left(): Partial<Record<LimitDimension, number>> {
    return { concurrency: Math.max(0, Math.floor(this.#limit) - this.#underWay) };
  }

  /** An attempt has ended, and is still counted among those under way. */
  ended({ end, startedAt, durationMs, usualMs }: Borne, now: number): void {
    if (end === 'neither') return;
    // What was sent before a cut says nothing of how it goes with the smaller number.
    const isOfNow = startedAt >= this.#cutAt;
    const isLate = end === 'answered' && usualMs > 0 && durationMs > MUCH_LONGER * usualMs;
    if (isLate && isOfNow) this.#late += 1;
    if (end === 'answered' && !isLate) this.#late = 0;
    if (end === 'refused' || this.#late >= IN_A_ROW) {
      if (isOfNow) this.#cut(now);
    } else if (end === 'answered' && !isLate && this.#underWay >= this.#limit / 2) {
      this.#limit = Math.min(MOST, this.#limit + STEP / this.#limit);
    }
  }

  #cut(now: number): void {
    this.#late = 0;
    this.#cutAt = now;
    this.#limit = Math.max(LEAST, CUT * this.#limit);
  }
}
