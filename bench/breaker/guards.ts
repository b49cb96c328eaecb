import { createRequire } from 'node:module';
import {
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker as cockatielBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhen,
  isBrokenCircuitError,
  SamplingBreaker,
  wrap,
} from 'cockatiel';
import { circuitBreaker, isCircuitOpenError } from '../../packages/core/src/breaker/circuit-breaker.ts';
import { trackers } from '../../packages/core/src/breaker/trackers.ts';
import type { Time } from './time.ts';

/** The first wait of every guard, in milliseconds. */
export const OPEN_MS = 1_000;

/** What a scenario asks for; otherwise one failure opens a guard, and one success closes it. */
export interface Settings {
  /** Errors that say nothing about the target. */
  readonly ignores?: (error: unknown) => boolean;
  /** Opens when half of the calls in a window failed, and not before there were so many. */
  readonly window?: { readonly ms: number; readonly least: number };
  /** Calls at the same time; more are refused. */
  readonly capacity?: number;
  /** Probes at the same time. */
  readonly probes?: number;
  /** Waits that grow, with jitter. */
  readonly hasJitter?: boolean;
}

/** A breaker around calls, whoever wrote it. */
export interface Guard {
  call(work: () => Promise<unknown>, signal?: AbortSignal): Promise<unknown>;
  /** Whether an error says that the call was not made. */
  isRefusal(error: unknown): boolean;
  readonly state: 'closed' | 'open' | 'half-open';
}

/** Makes guards of one library; undefined for what it has no setting for. */
export type Library = (settings: Settings, time: Time) => Guard | undefined;

/** The libraries under comparison, by name. */
export const LIBRARIES = { breakwater, opossum, cockatiel } as const satisfies Readonly<Record<string, Library>>;

class FullError extends Error {}

function breakwater({ ignores, window, capacity, probes = 1, hasJitter }: Settings, { clock }: Time): Guard {
  const guard = circuitBreaker(
    {
      ...(window
        ? { failureStreak: false, failureRate: 0.5, minRequests: window.least, windowMs: window.ms }
        : { failureStreak: 1, failureRate: false }),
      openMs: OPEN_MS,
      probes,
      closeAfter: probes,
      jitter: hasJitter ? 0.2 : 0,
      tracker: trackers
        .typeOf(FullError)
        .or(trackers.custom(({ error }) => ignores?.(error) === true))
        .not(),
    },
    { clock },
  );
  let running = 0;
  const limited = async (work: () => Promise<unknown>) => {
    if (capacity !== undefined && running >= capacity) throw new FullError();
    running += 1;
    return work().finally(() => {
      running -= 1;
    });
  };
  return {
    call: (work, signal) => guard.execute(() => limited(work), { signal }),
    isRefusal: isCircuitOpenError,
    get state() {
      return guard.state;
    },
  };
}

/** The part of opossum that is used here; it brings no types. */
export interface OpossumCircuit {
  fire(work: () => Promise<unknown>): Promise<unknown>;
  shutdown(): void;
  readonly opened: boolean;
  readonly halfOpen: boolean;
}

const require = createRequire(import.meta.url);

/** opossum's circuit, as its package gives it. */
export const Opossum = require('opossum') as new (
  action: (work: () => Promise<unknown>) => Promise<unknown>,
  options: object,
) => OpossumCircuit;

function opossum({ ignores, window, capacity, probes = 1, hasJitter }: Settings): Guard | undefined {
  if (probes > 1 || hasJitter) return undefined;
  const circuit = new Opossum((work) => work(), {
    timeout: false,
    resetTimeout: OPEN_MS,
    // It opens above the percentage, not at it.
    errorThresholdPercentage: window ? 49 : 1,
    ...(window && { rollingCountTimeout: window.ms, volumeThreshold: window.least }),
    ...(capacity !== undefined && { capacity }),
    ...(ignores && { errorFilter: ignores }),
  });
  return {
    call: (work) => circuit.fire(work),
    isRefusal: (error) => (error as { code?: unknown }).code === 'EOPENBREAKER',
    get state() {
      return circuit.opened ? 'open' : circuit.halfOpen ? 'half-open' : 'closed';
    },
  };
}

function cockatiel({ ignores, window, capacity, probes = 1, hasJitter }: Settings): Guard {
  const counted = handleWhen((error) => !(error instanceof BulkheadRejectedError) && ignores?.(error) !== true);
  const policy = cockatielBreaker(counted, {
    halfOpenAfter: hasJitter
      ? new ExponentialBackoff({ generator: halfJitterGenerator, initialDelay: OPEN_MS, maxDelay: 30_000 })
      : OPEN_MS,
    halfOpenSampling: { calls: probes, threshold: 0 },
    breaker: window
      ? // Calls per second; a tenth of a call less, because the product of the rate and the seconds is rounded.
        new SamplingBreaker({
          threshold: 0.49,
          duration: window.ms,
          minimumRps: ((window.least - 0.1) * 1_000) / window.ms,
        })
      : new ConsecutiveBreaker(1),
  });
  const whole = capacity === undefined ? policy : wrap(policy, bulkhead(capacity));
  return {
    call: (work, signal) => whole.execute(work, signal),
    isRefusal: isBrokenCircuitError,
    get state() {
      const { state } = policy;
      return state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'half-open' : 'open';
    },
  };
}
