import pRetry from 'p-retry';

/** Carries a result through p-retry, which goes on only when something is thrown. It never leaves this file. */
class Unsatisfied extends Error {
  readonly result: unknown;
  constructor(result: unknown) {
    super('not answered yet');
    this.result = result;
  }
}

/** One round of a retried piece of work, and who decides whether there is another. */
export interface Rounds<Result> {
  /** Does the work once. */
  readonly round: () => Promise<Result>;
  readonly satisfied: (result: Result) => boolean;
  /** Waits as long as it has to, and answers whether to go on. */
  readonly again: (result: Result) => Promise<boolean>;
}

/**
 * Goes on after a first try that did not satisfy, until one does or `again` says no, and answers with the last result. The loop is
 * p-retry's; its own delay is not used, because how long to wait depends on what came back and where the call goes next. The first try
 * is made outside of it: most calls need no other, and those under way at the same time should not each hold a loop.
 */
export async function retry<Result>(first: Result, { round, satisfied, again }: Rounds<Result>): Promise<Result> {
  let result = first;
  try {
    return await pRetry(
      async (number) => {
        if (number > 1) result = await round();
        if (satisfied(result)) return result;
        throw new Unsatisfied(result);
      },
      {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 0,
        shouldRetry: ({ error }) => error instanceof Unsatisfied && again(error.result as Result),
      },
    );
  } catch (error) {
    if (error instanceof Unsatisfied) return error.result as Result;
    throw error;
  }
}
