import { dayOf, monthOf } from '../base/calendar.js';
import { durationText } from '../base/duration.js';
import type { PeriodName } from '../spending/period.js';
import type { Moment } from './moment.js';
import type { BudgetRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';

const RULE = 'budget';
const STRETCHES = { day: dayOf, month: monthOf } as const;

/** A budget that is spent. */
export class BudgetGone implements Rule {
  readonly #options: Settled<BudgetRule>;
  readonly #incidents: RuleParts['incidents'];
  /** By the wall clock, when the period of each that is spent is over. */
  readonly #until = new Map<PeriodName, number>();

  constructor(options: Settled<BudgetRule>, { incidents }: RuleParts) {
    this.#options = options;
    this.#incidents = incidents;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name !== 'budget.exceeded') return;
    const { period, limitUSD, spentUSD } = event;
    const { until } = STRETCHES[period](moment.at);
    this.settle(moment);
    this.#until.set(period, until);
    const left = durationText(until - moment.at);
    const text = `The budget of $${limitUSD} a ${period} is spent ($${Number(spentUSD.toFixed(4))}); it begins anew in ${left}, at 00:00 UTC.`;
    this.#incidents.fire({ rule: RULE, subject: period, severity: this.#options.severity, text }, moment);
  }

  settle(moment: Moment): void {
    for (const [period, until] of this.#until) {
      if (moment.at < until) continue;
      this.#until.delete(period);
      const text = `A new ${period} has begun, and with it the budget.`;
      this.#incidents.resolve({ rule: RULE, subject: period, text }, moment);
    }
  }
}
