import type { Random } from '../base/random.js';
import type { BreakerOptions } from './options.js';

/** How long a breaker stays open. */
export interface Interval {
  /** A wait for this level in whole milliseconds, jitter included; draws once. */
  draw(level: number): number;
  /** The level after a failed probe. It stops rising where the wait stops growing, or an hour's outage would be remembered for hours. */
  next(level: number): number;
}

type Growth = Readonly<Required<Pick<BreakerOptions, 'openMs' | 'openMultiplier' | 'maxOpenMs' | 'jitter'>>>;

/**
 * Exponential growth up to a limit, plus a share of up to `jitter`: `min(openMs · multiplier^level, maxOpenMs) · (1 + jitter · U)`.
 * The wait is never shorter than its base, since the base may be what the provider asked for. Level and its decay: Envoy's outlier
 * detection and gRPC A50.
 */
export function createInterval(options: Growth, random: Random): Interval {
  const { openMs, openMultiplier, maxOpenMs, jitter } = options;
  const base = (level: number) => Math.min(openMs * openMultiplier ** level, maxOpenMs);
  return {
    draw: (level) => Math.floor(Math.round(base(level)) * (1 + (jitter === 0 ? 0 : jitter * random()))),
    next: (level) => (base(level + 1) > base(level) ? level + 1 : level),
  };
}
