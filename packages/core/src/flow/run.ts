import { durationText } from '../base/duration.js';
import type { Place } from '../limits/waiting-line.js';
import type { Failure, Outcome } from '../outcome/outcome.js';
import type { TokenUsage } from '../outcome/usage.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { Target } from '../targets/target.js';
import type { Admitted } from './admitted.js';
import { Announcer } from './announce.js';
import type { AttemptRecord, Call, Route, Way } from './call.js';
import type { FlowContext } from './context.js';
import { NOWHERE } from './lines.js';
import { nobody, reportNoRoom, toldOf } from './nobody.js';
import { hasModelElsewhere } from './others.js';
import { Plan } from './plan.js';
import { addUse, type OpenRoute, routeOf, toldCost, usedByBoth } from './route.js';
import { type Failed, isFinal, isRatherShown } from './shown.js';
import type { Asked, PassedOver, Step } from './step.js';

/** A last resort gets so long even when the time of the call is over, in milliseconds. */
const LEAST_LAST_RESORT_MS = 5_000;

/** What calls begin with; the first record brings a list of its own, made to measure. */
const NO_RECORDS: AttemptRecord[] = [];

/** The record of an attempt that may still be corrected. */
export type OpenRecord = Omit<AttemptRecord, 'kind'> & { kind: AttemptRecord['kind'] };

/** The memory of one call on its way: its plan, what was tried, and how long it has been under way. */
export class Run<Reply> {
  readonly engine: FlowContext;
  readonly call: Call<Reply>;
  readonly plan: Plan;
  readonly announce: Announcer;
  /** When the call began, by the engine's clock. */
  readonly startedAt: number;
  /** The attempt that holds permits now; those of a stream that was handed over are no longer among them. */
  underWay: Admitted | undefined;
  /** Whether it had its turn before the end of a rest and could not use it: it has no further one, or a turn would be handed round for ever. */
  hasPassedTurn = false;
  /** Where it waits for room in limits. */
  places: readonly Place[] = NOWHERE;
  #records: AttemptRecord[] = NO_RECORDS;
  #reported: readonly PassedOver[];
  #last: Failed<Reply> | undefined;
  #first: Failed<Reply> | undefined;
  #shown: Failed<Reply> | undefined;
  #budgetExhausted = false;
  #durationMs = 0;
  #hasWaited = false;
  #hasFailedOver: boolean;
  #lastResort = false;
  #usage: TokenUsage | undefined;
  /** In US dollars; not a number once something had no price. */
  #costUSD = 0;
  #route: OpenRoute | undefined;

  constructor(engine: FlowContext, call: Call<Reply>) {
    this.engine = engine;
    this.call = call;
    this.startedAt = engine.clock.now();
    // Whoever goes on with another call's answer is that call's failover.
    this.#hasFailedOver = call.continues !== undefined;
    this.announce = new Announcer(engine, { continues: call.continues?.requestId });
    this.plan = new Plan(engine, call, this.startedAt);
    this.#reported = this.plan.skipped;
  }

  /** The time, which until something was waited for is when the call began, to the tick: that saves looks at the clock. */
  now(): number {
    return this.#records.length === 0 && !this.#hasWaited ? this.startedAt : this.engine.clock.now();
  }

  /** The call waits: from now on it is later than when it began. */
  timePasses(): void {
    this.#hasWaited = true;
  }

  /** How long the user's own answer is waited for: what is left of the call, but a few seconds in any case. */
  lastResortMs(): number {
    return Math.max(LEAST_LAST_RESORT_MS, this.leftMs());
  }

  /** Milliseconds left of the call. */
  leftMs(): number {
    return this.startedAt + this.call.timeoutMs - this.engine.clock.now();
  }

  /** The number of the attempt that begins now, from 1; behind those of a call that is gone on with. */
  nextNumber(): number {
    return (this.call.continues?.attempts ?? 0) + this.#records.length + 1;
  }

  /** What the call ends in when its signal aborts. */
  aborted(): Failure<never> {
    const { signal, timeoutMs } = this.call;
    if (this.call.isTimedOut?.())
      return { kind: 'attempt_timeout', message: `no answer within the ${durationText(timeoutMs)} of the whole call` };
    return { kind: 'caller_abort', message: 'the caller aborted', cause: signal?.reason };
  }

  /** Keeps an attempt for the route. Its record stays open: a stream may break after it was won. */
  record({ target, key, credential }: Admitted, { kind, status }: Outcome<Reply>, latencyMs: number): OpenRecord {
    const { id, endpoint, model } = target;
    const { id: at, region } = endpoint;
    const plain = { target: id, endpoint: at, region, model, kind, status, latencyMs: Math.ceil(latencyMs) };
    const record = key ? { ...plain, key: credential } : plain;
    if (this.#records.length === 0) this.#records = [record];
    else this.#records.push(record);
    return record;
  }

  /** An attempt told what it used, and what that cost if its price is known; a stream does so when the call has its route. */
  used(usage: TokenUsage, costUSD = Number.NaN): void {
    this.#usage = this.#usage ? usedByBoth(this.#usage, usage) : usage;
    this.#costUSD += costUSD;
    if (this.#route) addUse(this.#route, usage, costUSD);
  }

  /** An attempt failed: the plan goes on from there. */
  failed(asked: Asked, failure: Failure<Reply>): void {
    const { target } = asked;
    this.#last = { target, failure, paid: false };
    if (isRatherShown(this.#last, this.#first)) this.#first = this.#last;
    this.plan.tell(asked, failure, this.now());
  }

  /** This failure is the one to show, though another one came before it. */
  showsRather(target: Target, failure: Failure<Reply>): void {
    this.#first = { target, failure, paid: true };
  }

  /** Whether the attempt that just failed leaves its model to be asked elsewhere; a stream that was handed over does not. */
  goesOnFrom(target: Target, now: number): boolean {
    return this.underWay !== undefined && hasModelElsewhere(this.plan, target, now);
  }

  /**
   * Charges the retry budget for going on after work that may have been done; false when it is empty. Free are another model, the first failover of a
   * call (a region that fails one call in four must lose none of them), and leaving a target whose breaker is open: the budget is there
   * so that what fails is not hit again and again, and these two do not. Free are, too, the official repeats at an only server, and a careful call.
   */
  payFor({ target, isCareful }: Step): boolean {
    const last = this.#last;
    if (this.plan.isAlone || isCareful) return true;
    if (!last || last.paid || VERDICTS[last.failure.kind].executed === 'no') return true;
    last.paid = this.#isFree(last.target, target) || this.engine.budget.withdraw();
    if (last.paid) return true;
    if (!this.#budgetExhausted) this.announce.budgetExhausted(target);
    this.#budgetExhausted = true;
    return false;
  }

  #isFree(from: Target, to: Target): boolean {
    if (from === to) return false;
    if (from.model !== to.model) return true;
    if (from.breaker.peek(this.engine.clock.now()) === 'rejected') return true;
    const isFirst = !this.#hasFailedOver;
    this.#hasFailedOver = true;
    return isFirst;
  }

  /** Announces where the call went on to, if it did. */
  movedTo({ target, delayMs }: Step): void {
    if (!this.#last) return;
    const now = this.now();
    const move = { ...this.#last, attempt: this.nextNumber(), elapsedMs: now - this.startedAt, delayMs };
    this.announce.movedOn(move.target, target, { ...move, key: this.plan.obstacles.keyAt(target, now)?.name });
  }

  /** Announces the targets that the plan has passed over since the last time. */
  reportSkipped(): void {
    const { skipped } = this.plan;
    const before = this.#reported;
    if (skipped === before) return;
    this.#reported = skipped;
    // What is found out anew about the same obstacle is no news.
    const isKnown = ({ target, reason }: PassedOver) =>
      before.some((one) => one.target === target && one.reason === reason);
    for (const skip of skipped) if (!isKnown(skip)) this.announce.skipped(skip);
  }

  /** The failure that the caller is shown: the abort if the caller left, the last one if it is final, else the first. */
  toShow(failure: Failure<Reply>): Failure<Reply> {
    this.#shown = this.#last;
    if (this.call.signal?.aborted) return this.aborted();
    if (isFinal(failure.kind) || !this.#first) return failure;
    this.#shown = this.#first;
    return this.#shown.failure;
  }

  /** Whether a second target may be asked beside the first: it is billed twice, so only where somebody wants it and nothing is amiss. */
  get mayHedge(): boolean {
    const { hedging, budget } = this.engine;
    return (
      hedging !== undefined &&
      this.call.hedgeable === true &&
      budget.tokens >= 1 &&
      this.plan.isCalm &&
      !this.#hasWaited
    );
  }

  /** The id of the target whose failure is shown; undefined with an answer. */
  get failedAt(): string | undefined {
    return this.#shown?.target.id;
  }

  usedLastResort(): void {
    this.#lastResort = true;
    this.#shown = undefined;
  }

  /** The failure of a call for which nobody could be asked. */
  nobody(): Failure<never> {
    return nobody(this.call, this.plan);
  }

  /** Announces how the call ended. */
  conclude(outcome: Outcome<Reply>): void {
    const attempts = this.#records.length;
    this.#durationMs = this.engine.clock.now() - this.startedAt;
    const durationMs = this.#durationMs;
    if (outcome.kind !== 'ok') {
      if (outcome.kind === 'limit_exceeded') reportNoRoom(this);
      this.announce.requestFailed(outcome, { attempts, durationMs });
      return;
    }
    const target = this.#lastResort ? 'lastResort' : (this.#records.at(-1)?.target ?? '');
    const rerouted = this.#lastResort || target !== this.plan.firstChoice?.id;
    const costUSD = toldCost(this.#usage, this.#costUSD);
    this.announce.requestSucceeded({ target, attempts, durationMs, rerouted, usage: this.#usage, costUSD });
  }

  /** How it came to its end, for whoever is told. */
  way(): Way {
    return { route: this.route(), skipped: this.plan.skipped.map(toldOf), failedAt: this.failedAt };
  }

  route(): Route {
    this.#route = routeOf({
      attempts: this.#records,
      lastResort: this.#lastResort,
      retryBudgetExhausted: this.#budgetExhausted,
      durationMs: this.#durationMs,
      usage: this.#usage,
      costUSD: this.#costUSD,
    });
    return this.#route;
  }
}
