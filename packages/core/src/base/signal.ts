import type { Clock } from './clock.js';

/** Why a wait ended: its time was over, or the signal aborted it. */
export type WaitEnd = 'over' | 'aborted';

/** Waits `ms` milliseconds, or until `signal` aborts; leaves neither a timer nor a listener behind. */
export function wait(ms: number, clock: Clock, signal?: AbortSignal): Promise<WaitEnd> {
  if (signal?.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => end('over'), ms);
    const onAbort = () => end('aborted');
    const end = (how: WaitEnd) => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(how);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What the work gives, or undefined as soon as the signal aborts. Work that goes on is not waited for; leaves no listener behind. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
