import type { OnExceeded, ResolvedBudget } from './options.js';
import { Period, type PeriodName, type SpentInPeriod } from './period.js';

/** How a budget stands. */
export interface BudgetReading {
  readonly limitUSD: number;
  readonly spentUSD: number;
}

/** A budget that is spent. */
export interface Exceeded extends BudgetReading {
  readonly period: PeriodName;
  /** Milliseconds until its period is over. */
  readonly leftMs: number;
}

/** What may be spent in all by one client. Nobody is asked before: calls that are under way when it is spent go on. */
export class SpendingBudget {
  readonly onExceeded: OnExceeded;
  readonly #periods: readonly Period[];
  readonly #unpriced = new Set<string>();

  constructor({ perDayUSD, perMonthUSD, onExceeded }: ResolvedBudget) {
    this.onExceeded = onExceeded;
    const day = perDayUSD === undefined ? [] : [new Period('day', perDayUSD)];
    const month = perMonthUSD === undefined ? [] : [new Period('month', perMonthUSD)];
    this.#periods = [...day, ...month];
  }

  /** Adds what an answer cost; the answer is those periods whose budget that has spent, each of them once. */
  add(costUSD: number, wall: number): readonly Exceeded[] {
    return this.#periods.filter((period) => period.add(costUSD, wall)).map((period) => exceededOf(period, wall));
  }

  /** The budget that is spent, of two the one that is for longer; undefined while there is something left. */
  exceeded(wall: number): Exceeded | undefined {
    let longest: Period | undefined;
    for (const period of this.#periods) if (period.leftMs(wall) > (longest?.leftMs(wall) ?? 0)) longest = period;
    return longest && exceededOf(longest, wall);
  }

  /** How it stands, by period. */
  read(wall: number): Partial<Record<PeriodName, BudgetReading>> {
    return this.#by((period) => ({ limitUSD: period.limitUSD, spentUSD: period.spentUSD(wall) }));
  }

  /** What is to be remembered over a restart. */
  remembered(wall: number): Partial<Record<PeriodName, SpentInPeriod>> {
    return this.#by((period) => period.remembered(wall));
  }

  /** Puts back what was spent in the periods that are under way. */
  restore(remembered: Partial<Record<PeriodName, SpentInPeriod>>, wall: number): void {
    for (const period of this.#periods) {
      const spent = remembered[period.name];
      if (spent) period.restore(spent, wall);
    }
  }

  /** Whether it is news that a model has no price, so that its cost cannot be counted. */
  misses(model: string): boolean {
    if (this.#unpriced.has(model) || this.#unpriced.size >= MOST_COMPLAINTS) return false;
    this.#unpriced.add(model);
    return true;
  }

  #by<Value>(read: (period: Period) => Value): Partial<Record<PeriodName, Value>> {
    return Object.fromEntries(this.#periods.map((period) => [period.name, read(period)]));
  }
}

/** Model names come from callers, who may make them up. */
const MOST_COMPLAINTS = 100;

const exceededOf = (period: Period, wall: number): Exceeded => ({
  period: period.name,
  limitUSD: period.limitUSD,
  spentUSD: period.spentUSD(wall),
  leftMs: period.leftMs(wall),
});
