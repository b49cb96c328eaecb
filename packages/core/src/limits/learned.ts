import type { SeenLimits } from '../outcome/seen-limits.js';
import { LearnedDimension } from './learned-dimension.js';
import type { Demand, LimitDimension, LimitWait, Room } from './limit.js';
import { TakenLately } from './taken-lately.js';
import { WaitingLine } from './waiting-line.js';

/** With this part of every limit left, headers are read only now and then. */
const PLENTY = 0.5;
const NOW_AND_THEN_MS = 1_000;
const MINUTE_MS = 60_000;
/** Of fewer answers in a minute no rate can be told, … */
const FEWEST_ANSWERS = 2;
/** … and not of less time than this part of a minute: a bucket that was full lets many through at first, and one of a second few. */
const SHORTEST = 1 / 3;

/** What one target bears with one credential, as far as its answers tell. Without headers nothing is held back until the first 429. */
export class LearnedLimiter implements Room {
  /** For people, such as `seoul/gpt-4.1`. */
  readonly scope: string;
  /** Who waits for room. */
  readonly line: WaitingLine;
  readonly #requestsTaken = new TakenLately();
  readonly #tokensTaken = new TakenLately();
  readonly #answered = new TakenLately();
  readonly #requests = new LearnedDimension('requestsPerMinute', this.#requestsTaken);
  readonly #tokens = new LearnedDimension('tokensPerMinute', this.#tokensTaken);
  readonly #requestsPerDay = new LearnedDimension('requestsPerDay', this.#requestsTaken);
  readonly #tokensPerDay = new LearnedDimension('tokensPerDay', this.#tokensTaken);
  readonly #all = [this.#requests, this.#tokens, this.#requestsPerDay, this.#tokensPerDay];
  readonly #answer: { waitMs: number; dimension: LimitDimension } = { waitMs: 0, dimension: 'requestsPerMinute' };
  #isKnown = false;
  #answeringSince = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  /** One that knows nothing, with a line in which `maxWaiting` may wait. */
  constructor(scope: string, maxWaiting = 100) {
    this.scope = scope;
    this.line = new WaitingLine(this, maxWaiting);
  }

  /** Whether anything speaks for a limit. While nothing does, nothing is held back and nothing needs to be taken. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** The tokens that it lets through in its period, a minute or a day, whichever are fewer; infinite when nothing is known of any. */
  get mostTokens(): number {
    return Math.min(this.#tokens.most, this.#tokensPerDay.most);
  }

  /** The limits that headers have told. */
  get limits(): Readonly<Partial<Record<LimitDimension, number>>> {
    const limits: Partial<Record<LimitDimension, number>> = {};
    for (const { name, limit } of this.#all) if (limit !== undefined) limits[name] = limit;
    return limits;
  }

  /** The longest wait of all limits; undefined when the demand fits now. The answer is one object, valid until asked again. */
  wait({ tokens }: Demand, now: number): LimitWait | undefined {
    if (!this.#isKnown) return undefined;
    this.#answer.waitMs = 0;
    this.#look(this.#requests, 1, now);
    this.#look(this.#tokens, tokens, now);
    this.#look(this.#requestsPerDay, 1, now);
    this.#look(this.#tokensPerDay, tokens, now);
    return this.#answer.waitMs > 0 ? this.#answer : undefined;
  }

  /** Takes room, whether or not there is any. */
  take({ tokens }: Demand, now: number): void {
    this.#requestsTaken.add(1, now, now);
    this.#tokensTaken.add(tokens, now, now);
    if (!this.#isKnown) return;
    this.#requests.take(1, now);
    this.#tokens.take(tokens, now);
    this.#requestsPerDay.take(1, now);
    this.#tokensPerDay.take(tokens, now);
  }

  /** What was taken at `takenAt` is over, and took so many tokens; as many as were taken when that is undefined or no sensible number. */
  settle(takenAt: number, taken: Demand, actual: number | undefined, now: number): void {
    if (actual === undefined || !(actual >= 0 && actual < Number.POSITIVE_INFINITY)) return;
    this.#adjustTokens(takenAt, actual - taken.tokens, now);
  }

  /** What was taken at `takenAt` did not take place. */
  cancel(takenAt: number, taken: Demand, now: number): void {
    this.#requestsTaken.add(-1, takenAt, now);
    this.#requests.adjust(takenAt, -1, now);
    this.#requestsPerDay.adjust(takenAt, -1, now);
    this.#adjustTokens(takenAt, -taken.tokens, now);
  }

  /** What is left of each limit that is known, as far as it is this process's. */
  left(now: number): Partial<Record<LimitDimension, number>> {
    const left: Partial<Record<LimitDimension, number>> = {};
    for (const one of this.#all) if (one.isKnown) left[one.name] = Math.floor(one.left(now));
    return left;
  }

  /** The part that is left, 0 to 1: of the limit with the least. */
  fullness(now: number): number {
    let least = 1;
    for (const one of this.#all) if (one.isKnown) least = Math.min(least, one.fullness(now));
    return Math.max(0, least);
  }

  /**
   * Whether the headers of an answer are worth reading: always when a limit may be near, and otherwise once in a second.
   * Whoever is told so reads them; the next one is told so only when it is due again.
   */
  wantsHeaders(now: number): boolean {
    if (now >= this.#readAt && now - this.#readAt < NOW_AND_THEN_MS && !this.#isNearLimit(now)) return false;
    this.#readAt = now;
    return true;
  }

  /** An answer with such headers, to a request sent at `sentAt`; tells whether a limit became known or changed. */
  seen(limits: SeenLimits, sentAt: number, now: number): boolean {
    const { requests, tokens, requestsPerDay, tokensPerDay } = limits;
    let isNew = false;
    if (requests) isNew = this.#requests.seen(requests, sentAt, now);
    if (tokens) isNew = this.#tokens.seen(tokens, sentAt, now) || isNew;
    if (requestsPerDay) isNew = this.#requestsPerDay.seen(requestsPerDay, sentAt, now) || isNew;
    if (tokensPerDay) isNew = this.#tokensPerDay.seen(tokensPerDay, sentAt, now) || isNew;
    this.#isKnown = this.#isAnyKnown();
    return isNew;
  }

  /** The target said 429 for its rate: of this dimension, if it is known. How long to rest is the cooldown's matter. */
  refused(dimension: 'requests' | 'tokens' | undefined, now: number): void {
    const answered = this.#answered.total(now);
    const minutes = Math.min(1, (now - this.#answeringSince) / MINUTE_MS);
    const one = this.#nearest(dimension, now);
    // The tokens of an answer are those that one takes on average.
    const each = one === this.#tokens ? this.#tokensEach(now) : 1;
    const isTelling = answered >= FEWEST_ANSWERS && minutes >= SHORTEST;
    one.refused({ answered: isTelling ? answered * each : 0, minutes }, now);
    this.#isKnown = this.#isAnyKnown();
  }

  /** A request was answered. */
  answered(now: number): void {
    if (this.#answered.total(now) === 0) this.#answeringSince = now;
    this.#answered.add(1, now, now);
    if (this.#isKnown) this.#isKnown = this.#isAnyKnown();
  }

  #look(one: LearnedDimension, cost: number, now: number): void {
    if (!one.isKnown) return;
    const waitMs = one.waitMs(cost, now);
    if (waitMs <= this.#answer.waitMs) return;
    this.#answer.waitMs = waitMs;
    this.#answer.dimension = one.name;
  }

  #adjustTokens(takenAt: number, delta: number, now: number): void {
    if (delta === 0) return;
    this.#tokensTaken.add(delta, takenAt, now);
    this.#tokens.adjust(takenAt, delta, now);
    this.#tokensPerDay.adjust(takenAt, delta, now);
  }

  /** The limit that a 429 most likely meant. One of a day is no rate to be found out: headers tell of it, or the time to come back does. */
  #nearest(dimension: 'requests' | 'tokens' | undefined, now: number): LearnedDimension {
    const isOfTokens = dimension
      ? // Nobody has counted tokens as long as nothing was known.
        dimension === 'tokens' && (this.#tokens.isKnown || this.#tokensEach(now) > 0)
      : this.#tokens.isKnown && (!this.#requests.isKnown || this.#tokens.fullness(now) < this.#requests.fullness(now));
    return isOfTokens ? this.#tokens : this.#requests;
  }

  #tokensEach(now: number): number {
    const requests = this.#requestsTaken.total(now);
    return requests > 0 ? this.#tokensTaken.total(now) / requests : 0;
  }

  #isNearLimit(now: number): boolean {
    if (!this.#isKnown) return false;
    for (const one of this.#all) if (one.isKnown && one.fullness(now) < PLENTY) return true;
    return false;
  }

  #isAnyKnown(): boolean {
    return this.#requests.isKnown || this.#tokens.isKnown || this.#requestsPerDay.isKnown || this.#tokensPerDay.isKnown;
  }
}
