import type { TokenUsage } from '../outcome/usage.js';
import { costOf } from '../spending/cost.js';
import type { Target } from '../targets/target.js';
import type { Run } from './run.js';

/** What an attempt told at its end of what it used. */
interface Told {
  readonly usage?: TokenUsage | undefined;
  readonly emitted?: (() => number) | undefined;
}

/**
 * What an attempt used. A stream that has not told is counted about where there is a budget: it would not be worth much if whoever leaves
 * out `stream_options` went by it. Elsewhere what is not told is not known.
 */
export function usedBy<Reply>(
  { engine, plan }: Run<Reply>,
  target: Target,
  { usage, emitted }: Told,
): TokenUsage | undefined {
  if (usage || !emitted || !engine.spending) return usage;
  const { input } = plan.obstacles.estimate;
  const inputTokens = target.limits.habits.tokensOf({ input, maxOutput: 0 }, engine.clock.now());
  return { inputTokens, cachedInputTokens: 0, outputTokens: emitted(), estimated: true };
}

/** What a usage costs at a target, in US dollars; undefined where nothing was used, or the price is not known. */
export function costAt({ price }: Target, usage: TokenUsage | undefined): number | undefined {
  return usage && price && costOf(usage, price);
}

/** Takes what an attempt cost from the budget, and says so when that has spent it; or complains that it cannot be counted. */
export function spend<Reply>({ engine, announce }: Run<Reply>, target: Target, costUSD: number | undefined): void {
  const { spending, clock, complain } = engine;
  if (!spending) return;
  if (costUSD !== undefined) {
    for (const exceeded of spending.add(costUSD, clock.wall())) announce.budgetExceeded(exceeded);
  } else if (spending.misses(target.model)) {
    const remedy = `give it one in router.prices[${JSON.stringify(target.model)}]`;
    complain('router.budget does not count everything', new Error(`${target.id} has no price; ${remedy}`));
  }
}
