import type { Clock } from '../base/clock.js';
import type { Transition } from '../breaker/breaker.js';
import type { RouterEvents } from '../events/events.js';
import type { EventHub } from '../events/hub.js';
import type { EventStamp, TargetStamp } from '../events/stamp.js';
import type { StatsFold } from '../events/stats-fold.js';
import type { StreamEvent } from '../events/stream-events.js';
import type { LimitDimension } from '../limits/limit.js';
import type { Shortage } from '../limits/target-limits.js';
import type { Ending, Failure, FailureKind } from '../outcome/outcome.js';
import type { Exceeded } from '../spending/budget.js';
import { toldUSD } from '../spending/cost.js';
import { type Target, toldMs } from '../targets/target.js';
import type { Call } from './call.js';
import type { AttemptEnded, RequestSucceeded } from './ends.js';
import type { Change } from './learn.js';
import { tellRest } from './rests.js';
import { limitStampOf, stampOf, stampOfTransport } from './stamps.js';
import type { PassedOver, Step } from './step.js';
import type { Untold } from './untold.js';

type Asked = Pick<Call<unknown>, 'model' | 'streamed' | 'resource'>;

/** Where announcements go. */
export interface Audience {
  readonly hub: EventHub;
  readonly counts: StatsFold;
  readonly clock: Clock;
  readonly untold: Untold;
  /** An id for a call, asked for with the first event of that call that somebody hears. */
  nextRequestId(): string;
}

/**
 * Puts what happened in one call into events, each with the call's id and the time, and into the counts. An event that happens in every
 * call is made only if somebody hears it.
 */
export class Announcer {
  readonly #audience: Audience;
  #requestId: string;
  #model: string | undefined;
  readonly #isOfACall: boolean;
  /** Whether it is a call of its own, and not one that goes on with another. */
  readonly #isWhole: boolean;

  /** Of one call, or of what somebody did by hand. */
  constructor(
    audience: Audience,
    { isOfACall = true, continues }: { isOfACall?: boolean; continues?: string | undefined } = {},
  ) {
    this.#audience = audience;
    this.#isOfACall = isOfACall;
    this.#requestId = continues ?? '';
    this.#isWhole = continues === undefined;
  }

  /** The id of its call. */
  requestId(): string {
    this.#requestId ||= this.#audience.nextRequestId();
    return this.#requestId;
  }

  get #hub(): EventHub {
    return this.#audience.hub;
  }

  #stamp(): { requestId?: string; at: number } {
    const at = this.#audience.clock.wall();
    if (!this.#isOfACall) return { at };
    return { requestId: this.requestId(), at };
  }

  requestStarted({ model, streamed, resource }: Asked): void {
    if (!this.#isWhole) return;
    this.#model = model;
    this.#audience.counts.requestStarted(model);
    if (!this.#hub.hears('request.started')) return;
    this.#hub.emit('request.started', { ...this.#stamp(), model, streamed, resource });
  }

  requestSucceeded(end: RequestSucceeded): void {
    if (!this.#isWhole) return;
    this.#audience.counts.requestSucceeded(this.#model, end);
    if (!this.#hub.hears('request.succeeded')) return;
    const usage = Object.freeze(end.usage);
    this.#hub.emit('request.succeeded', { ...this.#stamp(), ...end, usage, durationMs: whole(end.durationMs) });
  }

  requestFailed(failure: Failure<unknown>, end: { attempts: number; durationMs: number }): void {
    if (!this.#isWhole) return;
    const { kind, status } = failure;
    this.#audience.counts.requestFailed(this.#model, kind);
    const durationMs = whole(end.durationMs);
    this.#hub.emit('request.failed', { ...this.#stamp(), kind, status, attempts: end.attempts, durationMs });
  }

  attemptStarted(target: Target, attempt: number): void {
    this.#audience.counts.attemptStarted(target);
    if (!this.#hub.hears('attempt.started')) return;
    this.#hub.emit('attempt.started', { ...this.#stamp(), ...stampOf(target), attempt });
  }

  attemptEnded(target: Target, attempt: number, end: AttemptEnded): void {
    const { kind, status, message, key } = end;
    this.#audience.counts.attemptEnded(target, end);
    if (kind === 'ok' && !this.#hub.hears('attempt.succeeded')) return;
    const durationMs = whole(end.durationMs);
    const costUSD = end.costUSD === undefined ? undefined : toldUSD(end.costUSD);
    const usage = Object.freeze(end.usage);
    // The tags are the caller's own list, who may go on with it.
    const tags = end.tags && Object.freeze([...end.tags]);
    const common = { ...this.#stamp(), ...stampOf(target), attempt, durationMs, status, usage, costUSD, tags, key };
    if (kind === 'ok') this.#hub.emit('attempt.succeeded', common);
    else if (kind === 'caller_abort') this.#hub.emit('attempt.abandoned', { ...common, kind });
    else this.#hub.emit('attempt.failed', { ...common, kind, message });
  }

  /** What a stream has come to. */
  stream<Name extends StreamEvent>(
    name: Name,
    target: Target,
    what: Omit<RouterEvents[Name], keyof EventStamp | keyof TargetStamp>,
  ): void {
    const { counts, clock } = this.#audience;
    counts.stream(name, target, { ...what, now: clock.now() });
    if (!this.#hub.hears(name)) return;
    this.#hub.emit(name, { ...this.#stamp(), ...stampOf(target), ...what } as RouterEvents[Name]);
  }

  /** A stream is over for good, and so is its call; one that goes on with another is a part of that. */
  streamEnded({ kind, chunks, durationMs }: Pick<Ending, 'kind' | 'chunks'> & { durationMs: number }): void {
    if (!this.#isWhole || !this.#hub.hears('stream.ended')) return;
    this.#hub.emit('stream.ended', { ...this.#stamp(), kind, durationMs: whole(durationMs), chunks });
  }

  movedOn(
    from: Target,
    to: Target,
    move: { failure: Failure<unknown>; attempt: number; elapsedMs: number; delayMs: number; key: string | undefined },
  ): void {
    const { failure, attempt, key } = move;
    const withKey = key === undefined ? undefined : { key };
    const elapsedMs = whole(move.elapsedMs);
    const delayMs = whole(move.delayMs);
    const cause = { kind: failure.kind, status: failure.status };
    this.#audience.counts.movedOn(from, to);
    if (from === to)
      this.#hub.emit('retry', { ...this.#stamp(), ...stampOf(to), ...cause, attempt, delayMs, ...withKey });
    else this.#hub.emit('failover', { ...this.#stamp(), ...cause, from: from.id, to: to.id, attempt, elapsedMs });
  }

  skipped({ target, reason, leftMs }: PassedOver): void {
    if (this.#hub.hears('target.skipped'))
      this.#hub.emit('target.skipped', { ...this.#stamp(), ...stampOf(target), reason, leftMs: toldMs(leftMs) });
    if (reason === 'breaker' && this.#hub.hears('breaker.rejected'))
      this.#hub.emit('breaker.rejected', { ...this.#stamp(), ...stampOf(target), leftMs: toldMs(leftMs) });
  }

  limitWaiting(target: Target, shortage: Shortage): void {
    if (!this.#hub.hears('limit.waiting')) return;
    this.#hub.emit('limit.waiting', { ...this.#stamp(), ...stampOf(target), ...limitStampOf(shortage) });
  }

  limitRejected(target: Target, shortage: Shortage): void {
    if (!this.#hub.hears('limit.rejected')) return;
    this.#hub.emit('limit.rejected', { ...this.#stamp(), ...stampOf(target), ...limitStampOf(shortage) });
  }

  /** The limits are a copy made for this. */
  limitLearned(target: Target, limits: Readonly<Partial<Record<LimitDimension, number>>>): void {
    this.#hub.emit('limit.learned', { ...this.#stamp(), ...stampOf(target), limits: Object.freeze(limits) });
  }

  budgetExhausted(target: Target): void {
    this.#hub.emit('budget.exhausted', { ...this.#stamp(), target: target.id });
  }

  budgetExceeded({ period, limitUSD, spentUSD }: Exceeded): void {
    this.#hub.emit('budget.exceeded', { ...this.#stamp(), period, limitUSD, spentUSD });
  }

  hedge(what: 'sent' | 'won' | 'lost', { from, to, delayMs }: { from: Target; to: Target; delayMs: number }): void {
    if (!this.#hub.hears(`hedge.${what}`)) return;
    const common = { ...this.#stamp(), from: from.id, to: to.id };
    if (what === 'sent') this.#hub.emit('hedge.sent', { ...common, delayMs: whole(delayMs) });
    else this.#hub.emit(`hedge.${what}`, common);
  }

  hedgeDenied(from: Target, reason: 'no target' | 'budget'): void {
    if (!this.#hub.hears('hedge.denied')) return;
    this.#hub.emit('hedge.denied', { ...this.#stamp(), from: from.id, reason });
  }

  lastResortUsed(failure: Failure<unknown>): void {
    this.#audience.counts.lastResortUsed(this.#model);
    this.#hub.emit('lastresort.used', { ...this.#stamp(), kind: failure.kind, status: failure.status });
  }

  changed(
    target: Target,
    changes: readonly Change[],
    failure?: { kind: FailureKind; status?: number | undefined },
  ): void {
    for (const change of changes) {
      const common = { ...this.#stamp(), ...stampOf(target) };
      if (change.what === 'breaker') this.transition(target, change.transition, change.scope);
      else if (change.what === 'released')
        this.#hub.emit('quarantine.ended', { ...common, scope: change.scope, key: change.key });
      else if (change.what === 'up') this.#up(target);
      else if (change.what === 'quarantine') {
        const { scope, reason, forMs, key } = change;
        this.#hub.emit('quarantine.started', { ...common, scope, reason, forMs: whole(forMs), key });
      } else if (failure) tellRest(this.#audience, { change, failure, common });
    }
  }

  /** A resting target is asked because all are resting, or one was found that may be asked. */
  panicked({ target: { id: target }, last }: Step, now: number): void {
    const { panics } = this.#audience.untold;
    const model = this.#model ?? '*';
    if (last === 'panic') {
      if (panics.entered(model, now)) this.#hub.emit('panic.entered', { ...this.#stamp(), model, target });
      return;
    }
    const since = panics.left(model);
    if (since !== undefined)
      this.#hub.emit('panic.left', { ...this.#stamp(), model, target, forMs: whole(now - since) });
  }

  #up({ endpoint: { id, region } }: Target): void {
    this.#hub.emit('health.up', { ...this.#stamp(), endpoint: id, region, because: 'call' });
  }

  /** A breaker changed: that of a target, or that of the way to its endpoint. */
  transition(target: Target, transition: Transition, scope: 'target' | 'transport' = 'target'): void {
    const { what, from, to, mode, reason, stats, openForMs = 0, level } = transition;
    const whose = scope === 'target' ? stampOf(target) : stampOfTransport(target);
    const common = { ...this.#stamp(), ...whose, scope, from, to, reason, stats };
    if (what === 'mode') this.#hub.emit('breaker.mode-changed', { ...common, mode });
    else if (what === 'would-open') this.#hub.emit('breaker.would-open', { ...common, level });
    else if (to === 'open') this.#hub.emit('breaker.opened', { ...common, openForMs: whole(openForMs), level });
    else this.#hub.emit(to === 'closed' ? 'breaker.closed' : 'breaker.half-opened', common);
  }
}

/** Durations are told in whole milliseconds, and a wait is never told shorter than it is. The clock knows more than anybody reads. */
export const whole = Math.ceil;
