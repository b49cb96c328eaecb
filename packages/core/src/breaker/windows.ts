import { must, positiveNumber, shape } from '../base/check.js';
import { branded } from './brand.js';
import { demand } from './demands.js';

/** What a window has counted. Ignored calls are in no window. */
export interface Tally {
  readonly total: number;
  readonly failures: number;
  /** How many calls there is room for; undefined where any number may be counted. */
  readonly capacity?: number;
  /** How long all of them together took, in milliseconds. */
  readonly durationMs: number;
  /** How many took at least so long; 0 for a threshold that the window was not made with. */
  slow(thresholdMs: number): number;
}

/** A window's counts at one moment, as plain data. Averages and shares are undefined while there is nothing to take them of. */
export interface WindowStats {
  readonly total: number;
  readonly failures: number;
  readonly failureRate: number | undefined;
  /** How long all of them together took, in milliseconds. */
  readonly durationMs: number;
  readonly averageMs: number | undefined;
  /** Slow calls by threshold in milliseconds. */
  readonly slow: Readonly<Record<string, number>>;
  /** Their shares, by threshold too. */
  readonly slowRates: Readonly<Record<string, number>> | undefined;
}

/** Counts calls and forgets the old ones. Recording and reading cost the same however many calls there were. */
export interface CallWindow extends Tally {
  /** Counts one call, by its duration in {@link toTicks}, and forgets those that have become too old. */
  record(failed: boolean, ticks: number, now: number): void;
  /** Forgets what has become too old by now: an idle hour must not count as the last minute. */
  forget(now: number): void;
  /** Forgets everything. */
  reset(): void;
}

/** A kind of window: every breaker, and every closed time of a breaker, gets one of its own. */
export interface WindowKind {
  create(thresholdsMs?: readonly number[]): CallWindow;
}

/** Durations are counted in tenths of a millisecond: as whole numbers, so that what is taken off later is exactly what was added. */
const TICKS = 10;

/** Thirty hours; the largest power of two that an element of a ring holds with its sign, and small enough not to be boxed on its way. */
const LONGEST_TICKS = 2 ** 30 - 2;

/** A duration as windows count it. Turned into a whole number by whoever has it: a fraction that is handed on is boxed. */
export const toTicks = (ms: number): number => (ms > 0 ? Math.min(Math.round(ms * TICKS), LONGEST_TICKS) : 0);

/** Where each sum stands in a row of them; the slow ones follow, in the order of the thresholds. */
const TOTAL = 0;
const FAILURES = 1;
const DURATION = 2;
const SLOW = 3;

const NO_THRESHOLDS: readonly number[] = Object.freeze([]);

/** A row of sums; also all that a half-open breaker needs, which forgets nothing. */
export class Sums implements Tally {
  readonly thresholdsMs: readonly number[];
  protected readonly sums: number[];

  constructor(thresholdsMs: readonly number[] = NO_THRESHOLDS) {
    this.thresholdsMs = thresholdsMs;
    this.sums = new Array<number>(SLOW + thresholdsMs.length).fill(0);
  }

  get total(): number {
    return this.sums[TOTAL] as number;
  }

  get failures(): number {
    return this.sums[FAILURES] as number;
  }

  get durationMs(): number {
    return (this.sums[DURATION] as number) / TICKS;
  }

  slow(thresholdMs: number): number {
    const at = this.thresholdsMs.indexOf(thresholdMs);
    return at < 0 ? 0 : (this.sums[SLOW + at] as number);
  }

  /** Counts one call in (`by` 1) or out of it (`by` -1). */
  count(failed: boolean, ticks: number, by: 1 | -1 = 1): void {
    const { sums, thresholdsMs } = this;
    sums[TOTAL] = (sums[TOTAL] as number) + by;
    if (failed) sums[FAILURES] = (sums[FAILURES] as number) + by;
    sums[DURATION] = (sums[DURATION] as number) + by * ticks;
    for (let at = 0; at < thresholdsMs.length; at += 1) {
      if (ticks >= (thresholdsMs[at] as number) * TICKS) sums[SLOW + at] = (sums[SLOW + at] as number) + by;
    }
  }

  record(failed: boolean, ticks: number): void {
    this.count(failed, ticks);
  }

  reset(): void {
    this.sums.fill(0);
  }
}

/** The last `size` calls. A ring: what a new call pushes out is taken off the sums. Source: resilience4j's FixedSizeSlidingWindowMetrics. */
class CountWindow extends Sums implements CallWindow {
  readonly capacity: number;
  /** A call as its tickseconds plus one, negative for a failure; made with the first call. */
  #ring: Int32Array | undefined;
  #next = 0;

  constructor(size: number, thresholdsMs: readonly number[] | undefined) {
    super(thresholdsMs);
    this.capacity = size;
  }

  override record(failed: boolean, ticks: number): void {
    this.#ring ??= new Int32Array(this.capacity);
    const ring = this.#ring;
    const pushedOut = ring[this.#next] as number;
    if (pushedOut !== 0) this.count(pushedOut < 0, Math.abs(pushedOut) - 1, -1);
    ring[this.#next] = failed ? -ticks - 1 : ticks + 1;
    this.#next = this.#next + 1 === this.capacity ? 0 : this.#next + 1;
    this.count(failed, ticks);
  }

  /** Calls are forgotten for newer ones alone. */
  forget(): void {}

  override reset(): void {
    super.reset();
    this.#ring = undefined;
    this.#next = 0;
  }
}

/**
 * The calls of the last seconds, in a ring of buckets; a bucket that falls out is taken off the sums. A call is forgotten between
 * (buckets − 1) / buckets of the time and the whole of it, also when nothing happened in between. When the clock steps back, calls go
 * into the newest bucket. Source: resilience4j's SlidingTimeWindowMetrics, with forgetting when read.
 */
class TimeWindow extends Sums implements CallWindow {
  readonly #bucketMs: number;
  readonly #buckets: number;
  /** The buckets' sums, one row after the other; made with the first call, because many breakers never see one. */
  #rows: Float64Array | undefined;
  #head = 0;
  /** When the newest bucket ends. Before the first call that is long ago, so the first look at the clock sets it. */
  #headEnds = Number.NEGATIVE_INFINITY;

  constructor({ windowMs, buckets }: { windowMs: number; buckets: number }, thresholdsMs?: readonly number[]) {
    super(thresholdsMs);
    this.#bucketMs = windowMs / buckets;
    this.#buckets = buckets;
  }

  override record(failed: boolean, ticks: number, now = 0): void {
    this.forget(now);
    const { sums } = this;
    this.#rows ??= new Float64Array(this.#buckets * sums.length);
    const rows = this.#rows;
    const at = this.#head * sums.length;
    this.count(failed, ticks);
    rows[at + TOTAL] = (rows[at + TOTAL] as number) + 1;
    if (failed) rows[at + FAILURES] = (rows[at + FAILURES] as number) + 1;
    rows[at + DURATION] = (rows[at + DURATION] as number) + ticks;
    for (let index = 0; index < this.thresholdsMs.length; index += 1) {
      const slowAt = at + SLOW + index;
      if (ticks >= (this.thresholdsMs[index] as number) * TICKS) rows[slowAt] = (rows[slowAt] as number) + 1;
    }
  }

  /** Turns the ring to `now`. A jump over the whole window empties it in one round. */
  forget(now: number): void {
    if (!(now >= this.#headEnds)) return;
    const ends = (Math.floor(now / this.#bucketMs) + 1) * this.#bucketMs;
    // Rounding may leave the end of the bucket at `now` itself; a bucket that never ends would be a standstill.
    const newEnds = ends > now ? ends : ends + this.#bucketMs;
    const steps = Math.min(this.#buckets, Math.max(1, Math.round((newEnds - this.#headEnds) / this.#bucketMs)));
    for (let step = 0; step < steps; step += 1) this.#turn();
    this.#headEnds = newEnds;
  }

  override reset(): void {
    super.reset();
    this.#rows = undefined;
    this.#headEnds = Number.NEGATIVE_INFINITY;
  }

  #turn(): void {
    this.#head = this.#head + 1 === this.#buckets ? 0 : this.#head + 1;
    const rows = this.#rows;
    if (!rows) return;
    const { sums } = this;
    const at = this.#head * sums.length;
    for (let index = 0; index < sums.length; index += 1) {
      sums[index] = (sums[index] as number) - (rows[at + index] as number);
      rows[at + index] = 0;
    }
  }
}

/** Longer rings would be memory for nothing. */
const LONGEST_RING = 1_000_000;

const ringLength = must(`a whole number from 1 to ${LONGEST_RING}`, (value) => {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= LONGEST_RING;
});
const timeWindowOptions = shape({ seconds: positiveNumber, buckets: ringLength });

/** A window over the last `size` calls, a positive whole number. @throws TypeError otherwise */
export function countWindow(size = 100): WindowKind {
  demand(ringLength, size, 'countWindow');
  return branded('window', { create: (thresholdsMs?: readonly number[]) => new CountWindow(size, thresholdsMs) });
}

/**
 * A window over the last `seconds` (default 60), counted in so many `buckets` (default 12), which is how exactly old calls are forgotten.
 * @throws TypeError unless the seconds are a positive number and the buckets a positive whole one
 */
export function timeWindow(options: { seconds?: number; buckets?: number } = {}): WindowKind {
  demand(timeWindowOptions, options, 'timeWindow');
  const { seconds = 60, buckets = 12 } = options;
  const kind = { windowMs: seconds * 1_000, buckets };
  return branded('window', { create: (thresholdsMs?: readonly number[]) => new TimeWindow(kind, thresholdsMs) });
}

/** A tally as plain data. */
export function statsOf(tally: Tally & { readonly thresholdsMs?: readonly number[] }): WindowStats {
  const { total, failures, durationMs, thresholdsMs = NO_THRESHOLDS } = tally;
  const byThreshold = (of: number) =>
    Object.freeze(Object.fromEntries(thresholdsMs.map((threshold) => [threshold, tally.slow(threshold) / of])));
  return Object.freeze({
    total,
    failures,
    failureRate: total === 0 ? undefined : failures / total,
    durationMs,
    averageMs: total === 0 ? undefined : durationMs / total,
    slow: byThreshold(1),
    slowRates: total === 0 ? undefined : byThreshold(total),
  });
}
