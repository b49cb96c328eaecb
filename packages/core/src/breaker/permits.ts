import { fraction, positiveInteger, positiveNumber, shape } from '../base/check.js';
import type { Random } from '../base/random.js';
import { branded } from './brand.js';
import { demand } from './demands.js';

/** Who is let through a half-open breaker. Made with {@link permits}: what merely looks like it is refused. */
export interface Permits {
  /** Probes under way at the same time, at the most. */
  readonly most: number;
  /** Whether one more is let through, so many milliseconds after the breaker half-opened. */
  admits(halfOpenForMs: number, random: Random): boolean;
}

/** A growing share of calls. */
export interface RampUpOptions {
  /** The share at the beginning, 0 to 1. @default 0.1 */
  readonly from?: number;
  /** The share at the end, 0 to 1. @default 1 */
  readonly to?: number;
  /** How long it grows, in milliseconds. */
  readonly durationMs: number;
  /** Probes under way at the same time, at the most. @default 10 */
  readonly most?: number;
}

const MOST = 10;

const randomOptions = shape({ most: positiveInteger });
const rampUpOptions = shape(
  { from: fraction, to: fraction, durationMs: positiveNumber, most: positiveInteger },
  { required: ['durationMs'] },
);

/**
 * The makings of permits. Where dice decide, the first call after the breaker half-opened is let through all the same, and then one
 * whenever none was for a second: at one call in ten a quiet target would else take ten times as long to be found well.
 * @throws TypeError for numbers that would let nobody through
 */
export const permits = Object.freeze({
  /** One probe at a time. */
  single: (): Permits => permits.limit(1),
  /** So many probes at a time. */
  limit: (most: number): Permits => {
    demand(positiveInteger, most, 'permits.limit');
    return branded('permits', { most, admits: () => true });
  },
  /** A share of the calls, 0 to 1; up to `most` at a time. */
  random: (share: number, options: { most?: number } = {}): Permits => {
    demand(fraction, share, 'permits.random');
    demand(randomOptions, options, 'permits.random');
    const { most = MOST } = options;
    return branded('permits', { most, admits: (_: number, random: Random) => random() < share });
  },
  /** A share that grows from `from` to `to`. Source: Fluxgate's RampUp. */
  rampUp: (options: RampUpOptions): Permits => {
    demand(rampUpOptions, options, 'permits.rampUp');
    const { from = 0.1, to = 1, durationMs, most = MOST } = options;
    return branded('permits', {
      most,
      admits: (halfOpenForMs: number, random: Random) => {
        const progress = Math.min(1, Math.max(0, halfOpenForMs / durationMs));
        return random() < from + (to - from) * progress;
      },
    });
  },
});
