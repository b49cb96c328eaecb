import type { Random } from '../base/random.js';

/** The first wait is drawn below this, each further one below twice as much. */
const FIRST_MS = 250;
/** No wait is longer than this. */
const LONGEST_MS = 8_000;

/**
 * How long to wait before the same target is asked again, in milliseconds: "full jitter", evenly drawn between nothing and a
 * bound that doubles. Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(repeat: number, random: Random): number {
  return random() * Math.min(FIRST_MS * 2 ** Math.min(repeat, 30), LONGEST_MS);
}
