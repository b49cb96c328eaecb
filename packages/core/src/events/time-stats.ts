import { Histogram } from '../base/histogram.js';

/** The spread of times of the last minutes, in milliseconds; quantiles are undefined while there are none. */
export interface TimeStats {
  /** Half of them were no longer; off by 2.5 % at most, and never less than a millisecond. */
  p50Ms: number | undefined;
  /** Likewise 95 in a hundred. */
  p95Ms: number | undefined;
  /** Likewise 99 in a hundred. */
  p99Ms: number | undefined;
  /** How many times they are quantiles of. Where more than 65 000 a minute are alike it is about half as many. */
  count: number;
}

/** What is read of a spread is between this and twice this old, in milliseconds. */
const HALF_MS = 150_000;

/** A spread that nothing has been recorded in; it allocates with its first record. */
export const spread = (): Histogram => new Histogram(HALF_MS);

/** A spread as it is told. */
export function toldTimes(histogram: Histogram, now: number): TimeStats {
  return {
    p50Ms: told(histogram.quantile(0.5, now)),
    p95Ms: told(histogram.quantile(0.95, now)),
    p99Ms: told(histogram.quantile(0.99, now)),
    count: histogram.count(now),
  };
}

/** To four digits: what comes after them is noise. */
const told = (ms: number | undefined): number | undefined => ms && Number(ms.toPrecision(4));
