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
 * Repeats the work until it satisfies or `again` says no, and answers with the last result. The loop is p-retry's; its own delay is
 * not used, because how long to wait depends on what came back and where the call goes next.
 */
export async function retry<Result>({ round, satisfied, again }: Rounds<Result>): Promise<Result> {
  try {
    return await pRetry(
      async () => {
        const result = await round();
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
