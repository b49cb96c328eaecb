import type { Outcome } from '../outcome/outcome.js';
import type { Admitted } from './admitted.js';
import { type AttemptHandle, attempt } from './attempt.js';
import { clocksFor } from './clocks.js';
import type { Run } from './run.js';

/** Asks one target. With a `handle` somebody else than the caller and the clocks can end it. */
export function ask<Reply>(
  run: Run<Reply>,
  admitted: Admitted,
  handle?: AttemptHandle<Reply>,
): Promise<Outcome<Reply>> {
  const { target, number, key } = admitted;
  run.announce.attemptStarted(target, number);
  return attempt<Reply>(run, { target, number, key: key?.key, clocks: clocksFor(run, admitted), handle });
}
