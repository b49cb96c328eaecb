import type { RetryBudget } from '../retries/budget.js';
import type { Audience } from './announce.js';

/** How a stream that broke off goes on, for its event. */
export interface Rescued {
  readonly from: string;
  readonly to: string;
  readonly how: 'continue' | 'restart';
  /** How the one who goes on was asked to. */
  readonly form: 'prefill' | 'instruction' | 'prompt' | 'anew';
  /** Milliseconds from the break to the first content of the other. */
  readonly afterMs: number;
}

/** Charges the retry budget for asking more for a stream of this call that broke off at a target; false, and announced, when it is empty. */
export function payForRescue(
  { hub, clock, budget }: Pick<Audience, 'hub' | 'clock'> & { readonly budget: RetryBudget },
  requestId: string,
  target: string,
): boolean {
  if (budget.withdraw()) return true;
  hub.emit('budget.exhausted', { requestId, at: clock.wall(), target });
  return false;
}

/** Announces that a stream of this call, which broke off, goes on elsewhere. */
export function announceRescued({ hub, counts, clock }: Audience, requestId: string, rescue: Rescued): void {
  const { from, to, how } = rescue;
  counts.rescued(from, to);
  const stamp = { requestId, at: clock.wall() };
  if (how === 'restart') hub.emit('stream.restarted', { ...stamp, from, to });
  hub.emit('stream.rescued', { ...stamp, ...rescue, afterMs: Math.ceil(rescue.afterMs) });
}
