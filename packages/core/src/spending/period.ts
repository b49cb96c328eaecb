import { dayOf, monthOf, type Stretch } from '../base/calendar.js';
import { toldUSD } from './cost.js';

/** What a budget is for. */
export type PeriodName = 'day' | 'month';

/** What was spent in one period, to be put back after a restart. */
export interface SpentInPeriod {
  /** When it began, in milliseconds since the Unix epoch. */
  readonly from: number;
  readonly spentUSD: number;
}

const STRETCHES: Readonly<Record<PeriodName, (wall: number) => Stretch>> = { day: dayOf, month: monthOf };
/** A clock that is set back further than this was wrong before. */
const A_CORRECTION_MS = 86_400_000;

/** What may be spent in every day, or every month, of UTC; by the wall clock, which may be set. */
export class Period {
  readonly name: PeriodName;
  readonly limitUSD: number;
  #from = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #spentUSD = 0;
  #isTold = false;

  constructor(name: PeriodName, limitUSD: number) {
    this.name = name;
    this.limitUSD = limitUSD;
  }

  /** Adds to what was spent; whether that is news: the budget is spent now, and was not before. */
  add(costUSD: number, wall: number): boolean {
    this.#turn(wall);
    this.#spentUSD += costUSD;
    const isNews = !this.#isTold && this.#spentUSD >= this.limitUSD;
    if (isNews) this.#isTold = true;
    return isNews;
  }

  /** US dollars spent in the period that a moment lies in. */
  spentUSD(wall: number): number {
    this.#turn(wall);
    return toldUSD(this.#spentUSD);
  }

  /** Milliseconds until there is something to spend again; 0 while there is. */
  leftMs(wall: number): number {
    this.#turn(wall);
    return this.#spentUSD >= this.limitUSD ? this.#until - wall : 0;
  }

  /** What is to be remembered over a restart. */
  remembered(wall: number): SpentInPeriod {
    return { spentUSD: this.spentUSD(wall), from: this.#from };
  }

  /** Puts back what was spent, unless that was in another period. Doing so twice changes nothing. */
  restore({ from, spentUSD }: SpentInPeriod, wall: number): void {
    this.#turn(wall);
    if (from !== this.#from || spentUSD <= this.#spentUSD) return;
    this.#spentUSD = spentUSD;
    this.#isTold ||= spentUSD >= this.limitUSD;
  }

  /**
   * A new period begins with nothing spent. A clock that is set back a little goes on in the period that had begun, and where it was put
   * right by more than a day, what was spent stays: turning a clock must not give anybody a second budget.
   */
  #turn(wall: number): void {
    const isNew = wall >= this.#until;
    if (!isNew && wall >= this.#from - A_CORRECTION_MS) return;
    const { from, until } = STRETCHES[this.name](wall);
    this.#from = from;
    this.#until = until;
    if (!isNew) return;
    this.#spentUSD = 0;
    this.#isTold = false;
  }
}
