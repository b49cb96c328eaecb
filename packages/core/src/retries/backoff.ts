import type { Random } from '../base/random.js';

/** The first wait is drawn below this, each further one below twice as much. */
const FIRST_MS = 250;
/** The first wait with nowhere else to go. */
const LONE_FIRST_MS = 500;
/** No wait is longer than this. */
const LONGEST_MS = 8_000;

const doubled = (firstMs: number, repeat: number): number => Math.min(firstMs * 2 ** Math.min(repeat, 30), LONGEST_MS);

/**
 * The wait before the same target is asked again, in milliseconds, "full jitter": evenly drawn between nothing and a bound that doubles. Source: M. Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015.
 */
export const backoffMs = (repeat: number, random: Random): number => random() * doubled(FIRST_MS, repeat);

/**
 * With nowhere else to go: the official client's, from 500 ms doubling, up to a quarter of it taken off. Full jitter may draw all
 * waits so short that every repeat falls into one hiccup of a second, which the official client survives.
 */
export const loneBackoffMs = (repeat: number, random: Random): number =>
  (1 - random() / 4) * doubled(LONE_FIRST_MS, repeat);
