import { fraction, functionOf, must, positiveNumber, shape } from '../base/check.js';
import type { Random } from '../base/random.js';
import { branded } from './brand.js';
import { demand } from './demands.js';

/** What is known when a breaker opens. */
export interface Opening {
  /** How often in a row the wait has grown, from 0. */
  readonly level: number;
  /** Why it opens, in words. */
  readonly reason: string;
  /** How long the provider asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * How long a breaker stays open. Asked once per opening, so that nobody's polling decides. Made with {@link recovery}: what merely
 * looks like it is refused.
 */
export interface Recovery {
  /** Milliseconds; `Infinity` until somebody resets it. */
  openForMs(opening: Opening, random: Random): number;
  /** The level after a failed probe. It stops rising where the wait stops growing, or an hour's outage would be remembered for hours. */
  next(level: number): number;
}

/** Exponential waits, in milliseconds. */
export interface BackoffOptions {
  readonly initialMs: number;
  /** Each failed probe makes the wait so many times as long; 1 or more. @default 2 */
  readonly multiplier?: number;
  /** The longest wait, before jitter. @default the initial one, if that is longer than 30_000 */
  readonly maxMs?: number;
  /** Up to this share is added, 0 to 1. @default 0.2 */
  readonly jitter?: number;
}

const MULTIPLIER = 2;
const LONGEST_MS = 30_000;
const JITTER = 0.2;

const backoffOptions = shape(
  {
    initialMs: positiveNumber,
    multiplier: must('a number of 1 or more', (value) => Number.isFinite(value) && Number(value) >= 1),
    maxMs: positiveNumber,
    jitter: fraction,
  },
  { required: ['initialMs'] },
);
const cooldownOptions = shape({ ms: positiveNumber, jitter: fraction }, { required: ['ms'] });

/**
 * The makings of a recovery.
 * @throws TypeError for numbers that are no wait, or of which the wait would shrink
 */
export const recovery = Object.freeze({
  /** The same wait each time, with up to `jitter` added (0 to 1, default 0). */
  cooldown: (options: { ms: number; jitter?: number }): Recovery => {
    demand(cooldownOptions, options, 'recovery.cooldown');
    const { ms, jitter = 0 } = options;
    return recovery.backoff({ initialMs: ms, multiplier: 1, maxMs: ms, jitter });
  },
  /**
   * Waits that grow up to a limit: `min(initial · multiplier^level, max) · (1 + jitter · U)`. Never shorter than the base, since that
   * may be what a provider asked for. Level and its decay: Envoy's outlier detection and gRPC A50.
   */
  backoff: (options: BackoffOptions): Recovery => {
    demand(backoffOptions, options, 'recovery.backoff');
    const { initialMs, multiplier = MULTIPLIER, jitter = JITTER } = options;
    const { maxMs = Math.max(LONGEST_MS, initialMs) } = options;
    // A limit below the first wait would silently shorten it.
    demand(
      must(`at least initialMs (${initialMs})`, () => maxMs >= initialMs),
      maxMs,
      'recovery.backoff.maxMs',
    );
    // A power beyond the largest number is Infinity, which the limit catches; so any level is a level.
    const base = (level: number) => Math.min(initialMs * multiplier ** level, maxMs);
    return branded('recovery', {
      openForMs: ({ level }: Opening, random: Random) => {
        const whole = Math.round(base(level));
        return jitter === 0 ? whole : Math.floor(whole * (1 + jitter * random()));
      },
      next: (level: number) => (base(level + 1) > base(level) ? level + 1 : level),
    });
  },
  /** No wait: the next call is a probe. */
  always: (): Recovery => branded('recovery', { openForMs: () => 0, next: (level: number) => level }),
  /** Until somebody resets it by hand. */
  never: (): Recovery =>
    branded('recovery', { openForMs: () => Number.POSITIVE_INFINITY, next: (level: number) => level }),
  /**
   * What a function of yours says, in milliseconds. One that throws, or gives no number of 0 or more, is replaced by five seconds. The
   * level that it is told ends at 30.
   */
  custom: (openForMs: (opening: Opening) => number): Recovery => {
    demand(functionOf('(opening) => ms'), openForMs, 'recovery.custom');
    return branded('recovery', {
      openForMs: (opening: Opening) => {
        try {
          const ms = openForMs(opening);
          return typeof ms === 'number' && ms >= 0 ? ms : FALLBACK_MS;
        } catch {
          return FALLBACK_MS;
        }
      },
      next: (level: number) => Math.min(level + 1, MOST_OF_CUSTOM),
    });
  },
});

const FALLBACK_MS = 5_000;

/** Nobody knows where the waits of a stranger's function stop growing; half an hour of being closed forgets so many levels. */
const MOST_OF_CUSTOM = 30;

/** Far more than any wait grows; it bounds the climb below. */
const MOST_LEVELS = 1_000;

/** The level that failed probes would have led to on the way to a wanted one, which may come from anywhere and be anything. */
export function reachedLevel({ next }: Recovery, wanted: number): number {
  let level = 0;
  while (level < wanted && level < MOST_LEVELS && next(level) > level) level = next(level);
  return level;
}
