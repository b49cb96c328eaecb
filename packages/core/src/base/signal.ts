import type { Clock } from './clock.js';

/** Why a wait ended: its time was over, its turn came before that, or the signal aborted it. */
export type WaitEnd = 'over' | 'turn' | 'aborted';

/** Where those who wait are let go one by one. */
export interface Line {
  /** Joins at its end; the answer leaves it. */
  join(turn: () => void): () => void;
}

/** What a wait goes by. */
export interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** @default nobody lets it go before its time */
  readonly line?: Line | undefined;
}

/** Waits `ms` milliseconds, or until its turn, or until `signal` aborts; leaves neither a timer nor a listener behind. */
export function wait(ms: number, { clock, signal, line }: Waiting): Promise<WaitEnd> {
  if (signal?.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => end('over'), ms);
    const onAbort = () => end('aborted');
    const leave = line?.join(() => end('turn'));
    const end = (how: WaitEnd) => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      leave?.();
      resolve(how);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** How long work is waited for. */
export interface Patience {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** What the work gives, or undefined when it takes too long or the signal aborts. Leaves neither a timer nor a listener behind. */
export function patiently<Result>(work: Promise<Result>, { ms, clock, signal }: Patience): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = () => end(() => resolve(undefined));
    const timer = clock.setTimeout(giveUp, ms);
    const end = (how: () => void) => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      how();
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    work.then(
      (result) => end(() => resolve(result)),
      (error) => end(() => reject(error)),
    );
  });
}
