import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';
import type { Clock } from '../../packages/core/src/base/clock.ts';
import { Limiter } from '../../packages/core/src/limits/limiter.ts';

const MINUTE_MS = 60_000;

/** So much in a minute: requests, or tokens. */
export interface Minute {
  readonly of: 'requests' | 'tokens';
  readonly amount: number;
}

/** What holds requests to a limit, whoever wrote it. */
export interface Doorman {
  /** Resolves when a request of so much may leave. Whoever gives up by its signal is rejected where that is possible. */
  enter(cost: number, signal?: AbortSignal): Promise<void>;
  /** Whether a request may leave at once; absent where nothing is ever refused. */
  tryEnter?(cost: number): Promise<boolean>;
  /** Ends its timers. */
  close?(): void;
}

/** Makes doormen of one library; undefined for what it has no setting for. */
export type Library = (minute: Minute, clock: Clock) => Doorman | undefined;

/** The libraries under comparison, as their documentation shows them, by name. */
export const LIBRARIES: Readonly<Record<string, Library>> = {
  breakwater: (minute, clock) => breakwater(minute, clock),
  // A second's worth at once, or the largest of requests.
  'breakwater, burst': (minute, clock) => breakwater(minute, clock, minute.of === 'tokens' ? 3_000 : 1),
  'rate-limiter-flexible': (minute) => flexible(minute),
  'rate-limiter-flexible, polled': (minute) => polled(minute),
  bottleneck: (minute) => bottleneck(minute),
  'p-queue': (minute) => queue(minute, false),
  'p-queue, strict': (minute) => queue(minute, true),
};

function breakwater({ of, amount }: Minute, clock: Clock, burst?: number): Doorman {
  const name = of === 'tokens' ? 'tokensPerMinute' : 'requestsPerMinute';
  const bursts = burst === undefined ? {} : { burst: { [name]: burst } };
  const limiter = new Limiter('the client', { [name]: amount, ...bursts }, Number.POSITIVE_INFINITY);
  let arrivals = 0;
  const fits = (tokens: number) => limiter.line.length === 0 && limiter.wait({ tokens }, clock.now()) === undefined;
  return {
    enter: async (tokens, signal) => {
      if (fits(tokens)) return limiter.take({ tokens }, clock.now());
      await new Promise<void>((resolve, reject) => {
        const demand = { tokens };
        const turn = () => {
          limiter.take(demand, clock.now());
          place?.leave();
          resolve();
        };
        const place = limiter.line.join({ priority: 0, arrival: arrivals++, demand, turn }, clock);
        signal?.addEventListener('abort', () => {
          place?.leave();
          reject(signal.reason);
        });
      });
    },
    tryEnter: async (tokens) => {
      if (!fits(tokens)) return false;
      limiter.take({ tokens }, clock.now());
      return true;
    },
  };
}

function flexible({ amount }: Minute): Doorman {
  const limiter = new RateLimiterMemory({ points: amount, duration: 60 });
  const line = new RateLimiterQueue(limiter);
  return {
    enter: async (cost) => void (await line.removeTokens(cost)),
    tryEnter: (cost) => taken(limiter, cost),
  };
}

/** Without its queue: whoever is refused comes again when it is told to. */
function polled({ amount }: Minute): Doorman {
  const limiter = new RateLimiterMemory({ points: amount, duration: 60 });
  return {
    enter: async (cost, signal) => {
      for (;;) {
        signal?.throwIfAborted();
        try {
          return void (await limiter.consume('all', cost));
        } catch (refusal) {
          const { msBeforeNext } = refusal as { msBeforeNext: number };
          await new Promise<void>((resolve) => setTimeout(resolve, msBeforeNext));
        }
      }
    },
    tryEnter: (cost) => taken(limiter, cost),
  };
}

const taken = (limiter: RateLimiterMemory, cost: number): Promise<boolean> =>
  limiter.consume('limiter', cost).then(
    () => true,
    () => false,
  );

function bottleneck({ amount }: Minute): Doorman {
  const limiter = new Bottleneck({
    reservoir: amount,
    reservoirRefreshAmount: amount,
    reservoirRefreshInterval: MINUTE_MS,
  });
  return {
    enter: (weight) => limiter.schedule({ weight }, nothing),
    tryEnter: async (weight) => {
      if (!(await limiter.check(weight))) return false;
      await limiter.schedule({ weight }, nothing);
      return true;
    },
    close: () => void limiter.disconnect(),
  };
}

/** It counts calls, whatever they take. */
function queue({ of, amount }: Minute, strict: boolean): Doorman | undefined {
  if (of === 'tokens') return undefined;
  const line = new PQueue({ intervalCap: amount, interval: MINUTE_MS, strict });
  return { enter: (_cost, signal) => line.add(nothing, signal && { signal }) };
}

const nothing = async (): Promise<void> => {};
