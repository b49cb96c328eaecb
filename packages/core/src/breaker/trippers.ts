import { must, positiveInteger, positiveNumber } from '../base/check.js';
import { demand } from './demands.js';
import type { Tally } from './windows.js';

/** The answer of a tripper. `unknown` means that there is not enough to go by, which is never the same as being well. */
export type Trip = 'trip' | 'hold' | 'unknown';

/** What a tripper is asked about: the calls counted since the breaker closed, or of the probes since it half-opened. */
export interface TripContext {
  readonly state: 'closed' | 'half-open';
  readonly stats: Tally;
  /** Failures since the last success. */
  readonly streak: number;
}

type Question = (context: TripContext) => Trip;

interface TripperParts {
  readonly ask: Question;
  /** Why it trips, in words. */
  readonly because: (context: TripContext) => string;
  /** Thresholds of slow calls that the window has to count for it. */
  readonly thresholdsMs?: readonly number[];
  /** Whether it has a word on half-open breakers, in place of the rule that one failed probe opens again. */
  readonly rulesHalfOpen?: boolean;
}

const NONE: readonly number[] = Object.freeze([]);

/**
 * Says when a breaker opens. Asked after every counted call, successes too: a success may be the call that makes the window large
 * enough. Combined with `and` and `or` by the three-valued logic of Kleene: what is unknown stays unknown unless the other part decides.
 */
export class Tripper {
  readonly #ask: Question;
  readonly #because: (context: TripContext) => string;
  readonly thresholdsMs: readonly number[];
  readonly rulesHalfOpen: boolean;

  constructor({ ask, because, thresholdsMs = NONE, rulesHalfOpen = false }: TripperParts) {
    this.#ask = ask;
    this.#because = because;
    this.thresholdsMs = thresholdsMs;
    this.rulesHalfOpen = rulesHalfOpen;
  }

  ask(context: TripContext): Trip {
    return this.#ask(context);
  }

  /** Why it has tripped, such as `5 failures in a row`. */
  because(context: TripContext): string {
    return this.#because(context);
  }

  /** Trips when both do. */
  and(other: Tripper): Tripper {
    return new Tripper({
      ...partsOfBoth(this, other),
      ask: (context) => {
        const first = this.ask(context);
        if (first === 'hold') return 'hold';
        const second = other.ask(context);
        return first === 'unknown' && second === 'trip' ? 'unknown' : second;
      },
      because: (context) => [this.because(context), other.because(context)].filter((text) => text !== '').join(' and '),
    });
  }

  /** Trips when either does. */
  or(other: Tripper): Tripper {
    return new Tripper({
      ...partsOfBoth(this, other),
      ask: (context) => {
        const first = this.ask(context);
        if (first === 'trip') return 'trip';
        const second = other.ask(context);
        return first === 'unknown' && second === 'hold' ? 'unknown' : second;
      },
      because: (context) => (this.ask(context) === 'trip' ? this : other).because(context),
    });
  }
}

function partsOfBoth(one: Tripper, other: Tripper): Pick<TripperParts, 'thresholdsMs' | 'rulesHalfOpen'> {
  return {
    thresholdsMs: [...new Set([...one.thresholdsMs, ...other.thresholdsMs])],
    rulesHalfOpen: one.rulesHalfOpen || other.rulesHalfOpen,
  };
}

/** A share of the calls in the window, in percent and words. */
const share = (part: number, total: number): string => `${part} of ${total} calls`;

const rateAboveZero = must('a number above 0 and up to 1', (v) => typeof v === 'number' && v > 0 && v <= 1);

/**
 * The makings of a tripper. Limits are reached, not passed: `failureRate(0.5)` trips at one half.
 * @throws RangeError for limits that are none
 */
export const trippers = Object.freeze({
  /** Unknown below so many calls; from there on it trips, so it is put before others with `and`. */
  minRequests: (least: number): Tripper => {
    demand(positiveInteger, least, 'trippers.minRequests');
    return new Tripper({ ask: ({ stats }) => (stats.total < least ? 'unknown' : 'trip'), because: () => '' });
  },
  /** At this share of failures, above 0 and up to 1. */
  failureRate: (rate: number): Tripper => {
    demand(rateAboveZero, rate, 'trippers.failureRate');
    return new Tripper({
      ask: ({ stats }) => (stats.total === 0 ? 'unknown' : stats.failures >= rate * stats.total ? 'trip' : 'hold'),
      because: ({ stats }) => `${share(stats.failures, stats.total)} failed`,
    });
  },
  /** At this share of calls that took `thresholdMs` milliseconds or longer, failed ones among them. */
  slowRate: (rate: number, { thresholdMs }: { thresholdMs: number }): Tripper => {
    demand(rateAboveZero, rate, 'trippers.slowRate');
    demand(positiveNumber, thresholdMs, 'trippers.slowRate.thresholdMs');
    return new Tripper({
      thresholdsMs: [thresholdMs],
      ask: ({ stats }) =>
        stats.total === 0 ? 'unknown' : stats.slow(thresholdMs) >= rate * stats.total ? 'trip' : 'hold',
      because: ({ stats }) => `${share(stats.slow(thresholdMs), stats.total)} took ${thresholdMs} ms or longer`,
    });
  },
  /** When calls take so many milliseconds on average. */
  averageLatency: (ms: number): Tripper => {
    demand(positiveNumber, ms, 'trippers.averageLatency');
    return new Tripper({
      ask: ({ stats }) => (stats.total === 0 ? 'unknown' : stats.durationMs >= ms * stats.total ? 'trip' : 'hold'),
      because: ({ stats }) => `calls took ${Math.round(stats.durationMs / stats.total)} ms on average`,
    });
  },
  /** After so many failures without a success between them. */
  failureStreak: (length: number): Tripper => {
    demand(positiveInteger, length, 'trippers.failureStreak');
    return new Tripper({
      ask: ({ streak }) => (streak >= length ? 'trip' : 'hold'),
      because: ({ streak }) => `${streak} ${streak === 1 ? 'failure' : 'failures'} in a row`,
    });
  },
  /** Only while closed; put before others with `and`. */
  closed: (): Tripper => new Tripper({ ask: ({ state }) => (state === 'closed' ? 'trip' : 'hold'), because: () => '' }),
  /** Only while half-open; with it in the rules a single failed probe no longer opens by itself. */
  halfOpen: (): Tripper =>
    new Tripper({
      rulesHalfOpen: true,
      ask: ({ state }) => (state === 'half-open' ? 'trip' : 'hold'),
      because: () => '',
    }),
  /** What a function of yours says, with the words for it. One that throws knows nothing. */
  custom: (ask: (context: TripContext) => Trip, because = 'as your own rule says'): Tripper =>
    new Tripper({
      ask: (context) => {
        try {
          return ask(context);
        } catch {
          return 'unknown';
        }
      },
      because: () => because,
    }),
});
