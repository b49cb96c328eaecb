import type { Failure } from '../outcome/outcome.js';
import type { Call } from './call.js';
import type { FlowContext } from './context.js';

const WORDS = { day: ['perDayUSD', 'today'], month: ['perMonthUSD', 'this month'] } as const;

/**
 * The failure of a call that is not to be made because the budget is spent; undefined where it may be made. It is decided by what has
 * been spent so far, which calls under way are not part of.
 */
export function unaffordable({ spending, clock }: FlowContext, { model }: Call<unknown>): Failure<never> | undefined {
  // What has no model (files, lists) is not billed by tokens.
  if (spending?.onExceeded !== 'reject' || model === undefined) return undefined;
  const exceeded = spending.exceeded(clock.wall());
  if (!exceeded) return undefined;
  const { period, limitUSD, spentUSD, leftMs } = exceeded;
  const [option, when] = WORDS[period];
  const message = `router.budget.${option} of $${limitUSD} is spent: $${Number(spentUSD.toFixed(4))} ${when} (UTC)`;
  return { kind: 'limit_exceeded', code: BUDGET_EXCEEDED, message, retryAfterMs: Math.ceil(leftMs) };
}

/** The code of that failure, to be told from a limit's. */
export const BUDGET_EXCEEDED = 'budget_exceeded';
