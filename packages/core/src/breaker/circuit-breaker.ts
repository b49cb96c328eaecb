import { faultsOf } from '../base/check.js';
import { type Clock, systemClock } from '../base/clock.js';
import { durationText } from '../base/duration.js';
import { show } from '../base/fault.js';
import { type Random, systemRandom } from '../base/random.js';
import { createBreaker } from './breaker.js';
import { circuitParts, wrongOptions } from './circuit-checks.js';
import type { Breaker, BreakerState, Permit, Transition } from './contract.js';
import { Handle } from './control.js';
import { type BreakerInput, resolveBreakerOptions } from './options.js';
import { type Tracker, trackers } from './trackers.js';

/** What {@link circuitBreaker} takes besides the options of every breaker. */
export interface CircuitBreakerParts {
  /** Named in errors; not empty. @default 'circuit' */
  readonly name?: string;
  /** Hears of every change. What it throws is thrown at nobody, and what it rejects with neither. */
  readonly onTransition?: (transition: Transition) => unknown;
  /** @default the platform's */
  readonly clock?: Clock;
  /** @default the platform's */
  readonly random?: Random;
}

/** How one call is made. */
export interface ExecuteOptions<Result> {
  /**
   * The answer in place of an error: of the function's, or of the breaker's refusal. What it throws itself is thrown. Not asked for a
   * caller who left.
   */
  readonly fallback?: (error: unknown) => Result | Promise<Result>;
  /**
   * Handed to the function. A caller who left counts neither for nor against: an error after it has aborted is ignored. A signal of
   * `AbortSignal.timeout(ms)` is no caller who left but a function that took too long, which is a failure like any other. With a signal
   * that has aborted before, the call is not made, and nothing counts.
   */
  readonly signal?: AbortSignal | undefined;
}

/** A call that was not made, because the circuit is open. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly code = 'circuit_open';
  /** Milliseconds until asking again can help; the largest safe integer when that is up to somebody's hand. */
  readonly retryAfterMs: number;

  constructor(circuit: string, retryAfterMs: number) {
    const when =
      retryAfterMs < Number.MAX_SAFE_INTEGER ? `try again in ${durationText(retryAfterMs)}` : 'somebody must close it';
    super(`${circuit} is open; ${when}, or give a fallback`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether an error is a refusal of a circuit breaker, of whichever copy of this package. */
export const isCircuitOpenError = (error: unknown): error is CircuitOpenError =>
  error instanceof Error && (error as { code?: unknown }).code === 'circuit_open';

/**
 * Where no tracker says otherwise, what a guarded function throws is a failure, but for a call that a circuit inside it did not make:
 * what was never asked has not failed.
 */
const ANY_BUT_REFUSALS = trackers.default();

/**
 * A breaker around functions. It holds no timer and sets no time limit: a function that never ends keeps its place until its lease is
 * over, and no longer.
 */
export class CircuitBreaker extends Handle {
  readonly name: string;
  readonly #breaker: Breaker;
  readonly #tracker: Tracker;
  readonly #clock: Clock;
  readonly #tell: (transition: Transition) => void;

  constructor(input: BreakerInput | undefined, parts: CircuitBreakerParts) {
    const faults = faultsOf(circuitParts, parts, 'parts');
    if (faults.length > 0) throw new TypeError(faults.join('\n'));
    const { name = 'circuit', clock = systemClock, random = systemRandom, onTransition } = parts;
    const options = resolveBreakerOptions(input, 'options');
    const tracker = (options !== false && options.tracker) || ANY_BUT_REFUSALS;
    if (tracker.asksForKinds) throw new TypeError(NO_KINDS);
    const breaker = createBreaker(options, random, clock.now());
    const tell = quietly(onTransition);
    super({ breaker, clock, tell });
    this.name = name;
    this.#breaker = breaker;
    this.#tracker = tracker;
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * Calls the function unless the circuit is open. A function that throws at once is treated like one that rejects. A call of the same
   * circuit from within the function is a call like any other: while half-open the outer one has taken the only place, and the inner one
   * is refused.
   * @throws CircuitOpenError without a fallback, when the call is not made; the signal's reason when it has aborted before; a TypeError
   * that no fallback answers, for options that are wrong and for work that is no function. All of them as rejections.
   */
  execute<Result>(
    work: (signal?: AbortSignal) => Result | Promise<Result>,
    options?: ExecuteOptions<Result>,
  ): Promise<Result> {
    const wrong = options === undefined ? undefined : wrongOptions(options);
    if (wrong) return Promise.reject(wrong);
    if (options?.signal?.aborted) return this.#late(options.signal, options);
    const permit = this.#breaker.tryAcquire(this.#clock.now());
    if (!permit) return this.#refuse(options);
    if (permit.transition) this.#tell(permit.transition);
    let pending: Result | Promise<Result>;
    try {
      pending = work(options?.signal);
    } catch (error) {
      return typeof work === 'function' ? this.#failed(permit, error, options) : this.#misused(permit, work);
    }
    // Not awaited: the frame of an async function costs more than all the rest.
    return Promise.resolve(pending).then(
      (result) => {
        const transition = permit.settle('success', this.#clock.now());
        if (transition) this.#tell(transition);
        return result;
      },
      (error) => this.#failed(permit, error, options),
    );
  }

  get state(): BreakerState {
    return this.info().state;
  }

  /** Nobody was asked, so nobody is to blame, whatever has become of the time. */
  async #late<Result>(signal: AbortSignal, { fallback }: ExecuteOptions<Result>): Promise<Result> {
    if (fallback && !hasLeft(signal)) return fallback(signal.reason);
    throw signal.reason;
  }

  async #refuse<Result>(options: ExecuteOptions<Result> | undefined): Promise<Result> {
    const error = new CircuitOpenError(this.name, this.#breaker.retryAfterMs(this.#clock.now()));
    if (options?.fallback) return options.fallback(error);
    throw error;
  }

  /** Asked only once it has thrown, so that a call that is right pays nothing for it. */
  #misused(permit: Permit, work: unknown): Promise<never> {
    permit.settle('ignored', this.#clock.now());
    return Promise.reject(new TypeError(`${NO_WORK}${show(work, 'work')}`));
  }

  async #failed<Result>(permit: Permit, error: unknown, options: ExecuteOptions<Result> | undefined): Promise<Result> {
    const isAlone = hasLeft(options?.signal);
    const mark = !isAlone && this.#tracker.counts({ error }) ? 'failure' : 'ignored';
    const transition = permit.settle(mark, this.#clock.now());
    if (transition) this.#tell(transition);
    if (options?.fallback && !isAlone) return options.fallback(error);
    throw error;
  }
}

const NO_KINDS =
  'options.tracker asks for kinds of the outcome table, which knows nothing of a guarded function; use trackers.typeOf, status or custom';

const NO_WORK = 'execute takes a function, as in execute(() => fetch(url)), but was given ';

/** Whether a caller takes no answer any more. One whose time limit has passed still waits, and was let down. */
const hasLeft = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && (signal.reason as { name?: unknown } | null | undefined)?.name !== 'TimeoutError';

/** Whoever listens changes nothing for whoever calls, and a rejection that nobody hears would end the process. */
function quietly(listener: ((transition: Transition) => unknown) | undefined): (transition: Transition) => void {
  return (transition) => {
    try {
      Promise.resolve(listener?.(transition)).catch(() => {});
    } catch {
      // See above.
    }
  };
}

/**
 * Guards any function, asynchronous or not: `circuitBreaker({ failureStreak: 3 }).execute(() => fetch(url))`. Options as under
 * `router.breaker`, presets too; times in milliseconds.
 * @throws TypeError listing everything that is wrong with the options, or with what stands beside them
 */
export function circuitBreaker(options?: BreakerInput, parts: CircuitBreakerParts = {}): CircuitBreaker {
  return new CircuitBreaker(options, parts);
}
