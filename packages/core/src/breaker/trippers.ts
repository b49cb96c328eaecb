import { functionOf, must, positiveInteger, positiveNumber, shape } from '../base/check.js';
import { durationText } from '../base/duration.js';
import { branded, isPart } from './brand.js';
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

/** Why a tripper has tripped, in words; they are made only when somebody wants them. Empty for what is only a condition. */
export type Because = (context: TripContext) => string;

/** A tripper's answer together with the reason of a trip, so that nobody has to ask twice and hear something else. */
export type Judgement = Because | 'hold' | 'unknown';

interface TripperParts {
  readonly judge: (context: TripContext) => Judgement;
  /** Thresholds of slow calls that the window has to count for it. */
  readonly thresholdsMs?: readonly number[];
  /** Whether it has a word on half-open breakers, in place of the rule that one failed probe opens again. */
  readonly rulesHalfOpen?: boolean;
}

const NONE: readonly number[] = Object.freeze([]);

/** A condition says nothing of its own. */
const NO_WORDS: Because = () => '';

/**
 * Says when a breaker opens. Asked after every counted call, successes too: a success may be the call that makes the window large
 * enough. Combined with `and` and `or` by the three-valued logic of Kleene: what is unknown stays unknown unless the other part decides.
 */
export class Tripper {
  readonly #judge: (context: TripContext) => Judgement;
  readonly thresholdsMs: readonly number[];
  readonly rulesHalfOpen: boolean;

  constructor({ judge, thresholdsMs = NONE, rulesHalfOpen = false }: TripperParts) {
    this.#judge = judge;
    this.thresholdsMs = thresholdsMs;
    this.rulesHalfOpen = rulesHalfOpen;
    branded('tripper', this);
  }

  /** Answers, with the reason in place of a bare `trip`. Allocates nothing but for two rules of a sort that trip together. */
  judge(context: TripContext): Judgement {
    return this.#judge(context);
  }

  ask(context: TripContext): Trip {
    const judgement = this.#judge(context);
    return typeof judgement === 'string' ? judgement : 'trip';
  }

  /** Why it trips, such as `5 failures in a row`; empty when it does not. */
  because(context: TripContext): string {
    const judgement = this.#judge(context);
    return typeof judgement === 'string' ? '' : judgement(context);
  }

  /** Trips when both do. @throws TypeError for what was not made with trippers */
  and(other: Tripper): Tripper {
    demand(madeHere, other, 'tripper.and(…)');
    return new Tripper({
      ...partsOfBoth(this, other),
      judge: (context) => {
        const first = this.#judge(context);
        if (first === 'hold') return 'hold';
        const second = other.judge(context);
        if (typeof second === 'string') return second;
        return first === 'unknown' ? 'unknown' : bothOf(first, second);
      },
    });
  }

  /** Trips when either does. @throws TypeError for what was not made with trippers */
  or(other: Tripper): Tripper {
    demand(madeHere, other, 'tripper.or(…)');
    return new Tripper({
      ...partsOfBoth(this, other),
      judge: (context) => {
        const first = this.#judge(context);
        if (typeof first !== 'string') return first;
        const second = other.judge(context);
        return first === 'unknown' && second === 'hold' ? 'unknown' : second;
      },
    });
  }
}

const madeHere = must('made with trippers', isPart('tripper'));

function bothOf(first: Because, second: Because): Because {
  if (first === NO_WORDS) return second;
  if (second === NO_WORDS) return first;
  return (context) => [first(context), second(context)].filter((text) => text !== '').join(' and ');
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
const words = must('words, as a string', (v) => typeof v === 'string');
const slowRateOptions = shape({ thresholdMs: positiveNumber }, { required: ['thresholdMs'] });

/**
 * The makings of a tripper. Limits are reached, not passed: `failureRate(0.5)` trips at one half.
 * @throws TypeError for limits that are none
 */
export const trippers = Object.freeze({
  /**
   * Unknown below so many calls; from there on it trips, so it is put before others with `and`. A `countWindow` with room for fewer is
   * judged when it is full. Source: resilience4j, which lowers `minimumNumberOfCalls` to the size of the window.
   */
  minRequests: (least: number): Tripper => {
    demand(positiveInteger, least, 'trippers.minRequests');
    return new Tripper({
      judge: ({ stats }) => (stats.total < Math.min(least, stats.capacity ?? least) ? 'unknown' : NO_WORDS),
    });
  },
  /** At this share of failures, above 0 and up to 1. */
  failureRate: (rate: number): Tripper => {
    demand(rateAboveZero, rate, 'trippers.failureRate');
    const because: Because = ({ stats }) => `${share(stats.failures, stats.total)} failed`;
    return new Tripper({
      judge: ({ stats }) => (stats.total === 0 ? 'unknown' : stats.failures >= rate * stats.total ? because : 'hold'),
    });
  },
  /** At this share of calls that took `thresholdMs` milliseconds or longer, failed ones among them. */
  slowRate: (rate: number, options: { thresholdMs: number }): Tripper => {
    demand(rateAboveZero, rate, 'trippers.slowRate');
    demand(slowRateOptions, options ?? {}, 'trippers.slowRate');
    const { thresholdMs } = options;
    const because: Because = ({ stats }) =>
      `${share(stats.slow(thresholdMs), stats.total)} took ${durationText(thresholdMs)} or longer`;
    return new Tripper({
      thresholdsMs: [thresholdMs],
      judge: ({ stats }) =>
        stats.total === 0 ? 'unknown' : stats.slow(thresholdMs) >= rate * stats.total ? because : 'hold',
    });
  },
  /** When calls take so many milliseconds on average. */
  averageLatency: (ms: number): Tripper => {
    demand(positiveNumber, ms, 'trippers.averageLatency');
    const because: Because = ({ stats }) => `calls took ${durationText(stats.durationMs / stats.total)} on average`;
    return new Tripper({
      judge: ({ stats }) => (stats.total === 0 ? 'unknown' : stats.durationMs >= ms * stats.total ? because : 'hold'),
    });
  },
  /** After so many failures without a success between them. */
  failureStreak: (length: number): Tripper => {
    demand(positiveInteger, length, 'trippers.failureStreak');
    const because: Because = ({ streak }) => `${streak} ${streak === 1 ? 'failure' : 'failures'} in a row`;
    return new Tripper({ judge: ({ streak }) => (streak >= length ? because : 'hold') });
  },
  /** Only while closed; put before others with `and`. */
  closed: (): Tripper => new Tripper({ judge: ({ state }) => (state === 'closed' ? NO_WORDS : 'hold') }),
  /**
   * Only while half-open; with it anywhere in the rules, the rules judge the probes: a single failed one no longer opens by itself, and
   * none closes while the answer is still unknown.
   */
  halfOpen: (): Tripper =>
    new Tripper({ rulesHalfOpen: true, judge: ({ state }) => (state === 'half-open' ? NO_WORDS : 'hold') }),
  /**
   * What a function of yours says, with the words for it: `true` trips and `false` holds. One that throws, or says anything else, knows
   * nothing. Like every rule it is asked of half-open breakers only where `halfOpen()` is among the rules.
   */
  custom: (ask: (context: TripContext) => Trip | boolean, because = 'as your own rule says'): Tripper => {
    demand(functionOf('(context) => trip'), ask, 'trippers.custom');
    demand(words, because, 'the reason of trippers.custom');
    const reason: Because = () => because;
    return new Tripper({ judge: (context) => judgementOf(answerOf(ask, context), reason) });
  },
});

function judgementOf(answer: unknown, because: Because): Judgement {
  if (answer === 'trip' || answer === true) return because;
  return answer === 'hold' || answer === false ? 'hold' : 'unknown';
}

function answerOf(ask: (context: TripContext) => unknown, context: TripContext): unknown {
  try {
    return ask(copyOf(context));
  } catch {
    return 'unknown';
  }
}

/** What a stranger's rule sees: with the live counts in hand it could change what it was only asked about. */
function copyOf({ state, stats, streak }: TripContext): TripContext {
  const { total, failures, durationMs, capacity } = stats;
  const slow = (thresholdMs: number) => stats.slow(thresholdMs);
  const copy = { total, failures, durationMs, slow, ...(capacity !== undefined && { capacity }) };
  return Object.freeze({ state, streak, stats: Object.freeze(copy) });
}
