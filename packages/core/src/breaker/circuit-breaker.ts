import { type Clock, systemClock } from '../base/clock.js';
import { type Random, systemRandom } from '../base/random.js';
import { createBreaker } from './breaker.js';
import type { Breaker, BreakerState, Permit, Transition } from './contract.js';
import { Handle } from './control.js';
import { type BreakerInput, resolveBreakerOptions } from './options.js';
import { type Tracker, trackers } from './trackers.js';

/** What {@link circuitBreaker} takes besides the options of every breaker. */
export interface CircuitBreakerParts {
  /** Named in errors. @default 'circuit' */
  readonly name?: string;
  /** Hears of every change. What it throws is thrown at nobody. */
  readonly onTransition?: (transition: Transition) => void;
  /** @default the platform's */
  readonly clock?: Clock;
  /** @default the platform's */
  readonly random?: Random;
}

/** How one call is made. */
export interface ExecuteOptions<Result> {
  /** The answer in place of an error: of the function's, or of the breaker's refusal. What it throws itself is thrown. */
  readonly fallback?: (error: unknown) => Result | Promise<Result>;
  /** A caller who left counts neither for nor against: an error after it has aborted is ignored. */
  readonly signal?: AbortSignal | undefined;
}

/** A call that was not made, because the circuit is open. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly code = 'circuit_open';
  /** Milliseconds until asking again can help; the largest safe integer when that is up to somebody's hand. */
  readonly retryAfterMs: number;

  constructor(circuit: string, retryAfterMs: number) {
    const when = retryAfterMs < Number.MAX_SAFE_INTEGER ? `try again in ${retryAfterMs} ms` : 'somebody must close it';
    super(`${circuit} is open; ${when}, or give a fallback`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether an error is a refusal of a circuit breaker, of whichever copy of this package. */
export const isCircuitOpenError = (error: unknown): error is CircuitOpenError =>
  error instanceof Error && (error as { code?: unknown }).code === 'circuit_open';

/** Who has no say: what a guarded function throws is a failure unless a tracker says otherwise. */
const ANY_ERROR = trackers.all();

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
    const { name = 'circuit', clock = systemClock, random = systemRandom, onTransition } = parts;
    const options = resolveBreakerOptions(input, 'options');
    const breaker = createBreaker(options, random);
    const tell = quietly(onTransition);
    super({ breaker, clock, tell });
    this.name = name;
    this.#breaker = breaker;
    this.#tracker = (options !== false && options.tracker) || ANY_ERROR;
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * Calls the function unless the circuit is open. A function that throws at once is treated like one that rejects.
   * @throws CircuitOpenError without a fallback, when the call is not made
   */
  execute<Result>(
    work: (signal?: AbortSignal) => Result | Promise<Result>,
    options?: ExecuteOptions<Result>,
  ): Promise<Result> {
    const permit = this.#breaker.tryAcquire(this.#clock.now());
    if (!permit) return this.#refuse(options);
    if (permit.transition) this.#tell(permit.transition);
    let pending: Result | Promise<Result>;
    try {
      pending = work(options?.signal);
    } catch (error) {
      return this.#failed(permit, error, options);
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

  async #refuse<Result>(options: ExecuteOptions<Result> | undefined): Promise<Result> {
    const error = new CircuitOpenError(this.name, this.#breaker.retryAfterMs(this.#clock.now()));
    if (options?.fallback) return options.fallback(error);
    throw error;
  }

  async #failed<Result>(permit: Permit, error: unknown, options: ExecuteOptions<Result> | undefined): Promise<Result> {
    const hasLeft = options?.signal?.aborted === true;
    const mark = !hasLeft && this.#tracker.counts({ error }) ? 'failure' : 'ignored';
    const transition = permit.settle(mark, this.#clock.now());
    if (transition) this.#tell(transition);
    if (options?.fallback && !hasLeft) return options.fallback(error);
    throw error;
  }
}

/** Whoever listens changes nothing for whoever calls. */
function quietly(listener: ((transition: Transition) => void) | undefined): (transition: Transition) => void {
  return (transition) => {
    try {
      listener?.(transition);
    } catch {
      // See above.
    }
  };
}

/**
 * Guards any function, asynchronous or not: `circuitBreaker({ failureStreak: 3 }).execute(() => fetch(url))`. Options as under
 * `router.breaker`, presets too; times in milliseconds.
 * @throws TypeError listing everything that is wrong with the options
 */
export function circuitBreaker(options?: BreakerInput, parts: CircuitBreakerParts = {}): CircuitBreaker {
  return new CircuitBreaker(options, parts);
}
