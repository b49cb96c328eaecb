import type { Gate } from './gate.js';
import { Gcra } from './gcra.js';
import type { Demand, LimitDimension, LimitNumbers, LimitWait, Room } from './limit.js';
import { DEFAULTS } from './options.js';
import { SlidingWindow } from './sliding-window.js';
import { WaitingLine } from './waiting-line.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** No request is larger; beyond it, sums of tokens would lose their last digits. */
const MOST_TOKENS = 1e12;

/** All limits of one scope. They are looked at together and taken together, so that no request is charged in one and refused by another. */
export class Limiter implements Room {
  /** For people, such as `the client`, `seoul` or `a key of seoul`. */
  readonly scope: string;
  readonly numbers: LimitNumbers;
  /** Who waits for room. */
  readonly line: WaitingLine;
  readonly #requestsPerMinute: Gate | undefined;
  readonly #tokensPerMinute: Gate | undefined;
  readonly #requestsPerDay: Gate | undefined;
  readonly #tokensPerDay: Gate | undefined;
  readonly #concurrency: number;
  #underWay = 0;
  /** Told anew with every question, because a line asks for each of its heads. */
  readonly #answer: { waitMs: number; dimension: LimitDimension } = { waitMs: 0, dimension: 'requestsPerMinute' };

  /** Limits by these numbers, and a line in which `maxWaiting` may wait. */
  constructor(scope: string, numbers: LimitNumbers, maxWaiting: number = DEFAULTS.maxWaiting) {
    this.scope = scope;
    this.numbers = numbers;
    this.line = new WaitingLine(this, maxWaiting);
    this.#requestsPerMinute = gate(numbers.requestsPerMinute, MINUTE_MS, numbers.burst?.requestsPerMinute);
    this.#tokensPerMinute = gate(numbers.tokensPerMinute, MINUTE_MS, numbers.burst?.tokensPerMinute);
    this.#requestsPerDay = gate(numbers.requestsPerDay, DAY_MS, numbers.burst?.requestsPerDay);
    this.#tokensPerDay = gate(numbers.tokensPerDay, DAY_MS, numbers.burst?.tokensPerDay);
    this.#concurrency = numbers.concurrency ?? Number.POSITIVE_INFINITY;
  }

  /** The tokens that it lets through in its period, a minute or a day, whichever are fewer; infinite when it counts none. */
  get mostTokens(): number {
    const { tokensPerMinute = Number.POSITIVE_INFINITY, tokensPerDay = Number.POSITIVE_INFINITY } = this.numbers;
    return Math.min(tokensPerMinute, tokensPerDay);
  }

  /** The longest wait of all limits; undefined when the demand fits now. The answer is one object, valid until asked again. */
  wait(demand: Demand, now: number): LimitWait | undefined {
    const tokens = wholeTokens(demand.tokens);
    const answer = this.#answer;
    answer.waitMs = 0;
    if (this.#requestsPerMinute) this.#longer(this.#requestsPerMinute.waitMs(1, now), 'requestsPerMinute');
    if (this.#tokensPerMinute) this.#longer(this.#tokensPerMinute.waitMs(tokens, now), 'tokensPerMinute');
    if (this.#requestsPerDay) this.#longer(this.#requestsPerDay.waitMs(1, now), 'requestsPerDay');
    if (this.#tokensPerDay) this.#longer(this.#tokensPerDay.waitMs(tokens, now), 'tokensPerDay');
    if (this.#underWay >= this.#concurrency) this.#longer(Number.MAX_SAFE_INTEGER, 'concurrency');
    return answer.waitMs > 0 ? answer : undefined;
  }

  /** Takes room in all limits at once, whether or not there is any. */
  take(demand: Demand, now: number): void {
    const tokens = wholeTokens(demand.tokens);
    this.#requestsPerMinute?.take(1, now);
    this.#tokensPerMinute?.take(tokens, now);
    this.#requestsPerDay?.take(1, now);
    this.#tokensPerDay?.take(tokens, now);
    this.#underWay += 1;
  }

  /**
   * What was taken at `takenAt` is over, and took so many tokens; as many as were taken when that is undefined or no sensible number. Whoever
   * says so tells the line afterwards, as a reservation does.
   */
  settle(takenAt: number, taken: Demand, actual: number | undefined, now: number): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    if (actual === undefined || !(actual >= 0 && actual < Number.POSITIVE_INFINITY)) return;
    this.#adjustTokens(takenAt, wholeTokens(actual) - wholeTokens(taken.tokens), now);
  }

  /** What was taken at `takenAt` did not take place: as if it had never been. The line is to be told. */
  cancel(takenAt: number, taken: Demand, now: number): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    this.#requestsPerMinute?.adjust(takenAt, -1, now);
    this.#requestsPerDay?.adjust(takenAt, -1, now);
    this.#adjustTokens(takenAt, -wholeTokens(taken.tokens), now);
  }

  /** What is left of each limit there is, in whole requests and tokens. */
  left(now: number): Partial<Record<LimitDimension, number>> {
    const left: Partial<Record<LimitDimension, number>> = {};
    if (this.#requestsPerMinute) left.requestsPerMinute = whole(this.#requestsPerMinute.left(now));
    if (this.#tokensPerMinute) left.tokensPerMinute = whole(this.#tokensPerMinute.left(now));
    if (this.#requestsPerDay) left.requestsPerDay = whole(this.#requestsPerDay.left(now));
    if (this.#tokensPerDay) left.tokensPerDay = whole(this.#tokensPerDay.left(now));
    if (this.numbers.concurrency !== undefined) left.concurrency = Math.max(0, this.#concurrency - this.#underWay);
    return left;
  }

  /** The part that is left, 0 to 1: of the dimension with the least. */
  fullness(now: number): number {
    const { concurrency, burst = {}, ...limits } = this.numbers;
    let least = concurrency === undefined ? 1 : Math.max(0, 1 - this.#underWay / concurrency);
    for (const [name, gate] of this.#gates()) {
      const most = burst[name] ?? limits[name];
      if (gate && most) least = Math.min(least, gate.left(now) / most);
    }
    return least;
  }

  #gates() {
    return [
      ['requestsPerMinute', this.#requestsPerMinute],
      ['tokensPerMinute', this.#tokensPerMinute],
      ['requestsPerDay', this.#requestsPerDay],
      ['tokensPerDay', this.#tokensPerDay],
    ] as const;
  }

  #longer(waitMs: number, dimension: LimitDimension): void {
    if (waitMs <= this.#answer.waitMs) return;
    this.#answer.waitMs = waitMs;
    this.#answer.dimension = dimension;
  }

  #adjustTokens(takenAt: number, delta: number, now: number): void {
    if (delta === 0) return;
    this.#tokensPerMinute?.adjust(takenAt, delta, now);
    this.#tokensPerDay?.adjust(takenAt, delta, now);
  }
}

function gate(limit: number | undefined, periodMs: number, burst: number | undefined): Gate | undefined {
  if (limit === undefined) return undefined;
  return burst === undefined ? new SlidingWindow(limit, periodMs) : new Gcra(limit, periodMs, burst);
}

function wholeTokens(tokens: number): number {
  return tokens > 0 ? Math.ceil(Math.min(tokens, MOST_TOKENS)) : 0;
}

/** Rounded down, but for what sums of fractions lack to a whole number. */
function whole(left: number): number {
  return Math.floor(left + 1e-6);
}
