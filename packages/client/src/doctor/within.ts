/** How long something may take. */
export interface Bounds {
  readonly timeoutMs: number;
  /** Aborted when all of it is over. */
  readonly signal: AbortSignal;
}

/** Something was not done in time. */
export class LateError extends Error {}

/**
 * Gives work a signal and so much time; what ignores the signal is left behind. @throws LateError when the time is up, or all of it over
 */
export async function within<Result>(
  { timeoutMs, signal }: Bounds,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let giveUp = () => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(new LateError());
      controller.abort();
    };
  });
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([late, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
