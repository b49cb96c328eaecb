import type { Clock, Timer } from '../base/clock.js';
import { durationText } from '../base/duration.js';
import type { Failure, Outcome } from '../outcome/outcome.js';
import type { EndpointKey } from '../targets/keys.js';
import type { Target } from '../targets/target.js';
import { type Announcer, whole } from './announce.js';
import type { AttemptClocks, Call, Ticket } from './call.js';

/** Times that are closer to each other than this are the same. */
const A_TICK_MS = 1;

/** Whose attempt it is. */
export interface Attempter<Reply> {
  readonly call: Call<Reply>;
  readonly engine: { readonly clock: Clock };
  readonly announce: Pick<Announcer, 'requestId' | 'stream'>;
  /** When the call began, by the engine's clock. */
  readonly startedAt: number;
  /** What an abort of the call's signal means. */
  aborted(): Failure<never>;
}

/** Where an attempt can be ended from outside, once it has begun: it then fails with what is said. */
export interface AttemptHandle<Reply> {
  cut?: (failure: Failure<Reply>) => void;
}

/** The terms of one attempt. */
export interface AttemptTerms<Reply = unknown> {
  readonly target: Target;
  /** Which attempt of the call it is, from 1. */
  readonly number: number;
  /** Which of the endpoint's keys to use. @default there is nothing to choose */
  readonly key?: EndpointKey | undefined;
  readonly clocks: AttemptClocks;
  /** @default nobody but the caller and the clocks can end it */
  readonly handle?: AttemptHandle<Reply> | undefined;
}

/**
 * Makes one attempt and answers as soon as it is decided: by the target, by a clock, or by the caller's abort, whichever is first.
 * Work that pays no heed to its signal is not waited for; what it brings too late is discarded.
 */
export function attempt<Reply>(owner: Attempter<Reply>, terms: AttemptTerms<Reply>): Promise<Outcome<Reply>> {
  if (owner.call.signal?.aborted) return Promise.resolve(owner.aborted());
  return new Promise((resolve) => {
    new Attempt<Reply>(owner, terms, resolve).run(terms);
  });
}

/** An attempt under way. It is its own ticket and its own abort listener: thousands may be under way at the same time. */
class Attempt<Reply> implements Ticket {
  readonly signal: AbortSignal;
  number = 0;
  key: EndpointKey | undefined;
  readonly #target: Target;
  readonly #owner: Attempter<Reply>;
  readonly #clocks: AttemptClocks;
  #resolve: ((outcome: Outcome<Reply>) => void) | undefined;
  /** Only where a clock may have to end the attempt before the caller does: a signal is costly, and the caller's own serves as well. */
  readonly #controller: AbortController | undefined;
  #startedAt = 0;
  #timer: Timer | undefined;
  #isDecided = false;

  constructor(
    owner: Attempter<Reply>,
    { clocks, handle, target }: AttemptTerms<Reply>,
    resolve: (outcome: Outcome<Reply>) => void,
  ) {
    const { signal, readLater } = owner.call;
    const { connectMs, firstTokenMs, attemptMs } = clocks;
    const isClocked = connectMs !== undefined || firstTokenMs !== undefined || attemptMs !== undefined;
    this.#owner = owner;
    this.#target = target;
    this.#clocks = clocks;
    this.#resolve = resolve;
    this.#controller = isClocked || handle || !signal ? new AbortController() : undefined;
    if (handle) handle.cut = (failure) => this.#cut(failure);
    const own = this.#controller?.signal;
    this.signal = own && signal && readLater ? AbortSignal.any([own, signal]) : (own ?? (signal as AbortSignal));
    if (isClocked) this.#startedAt = owner.engine.clock.now();
  }

  run({ target, number, key }: AttemptTerms<Reply>): void {
    const { call } = this.#owner;
    this.number = number;
    this.key = key;
    call.signal?.addEventListener('abort', this);
    this.#arm(this.#startedAt, this.#clocks.connectMs);
    // Whatever throws here is not the target's fault. What it says is not repeated in events: there may be a key in it.
    const onThrown = (cause: unknown) =>
      this.#decide({ kind: 'caller_error', message: 'the attempt could not be made', cause });
    try {
      call.attempt(target, this).then((outcome) => this.#decide(outcome), onThrown);
    } catch (cause) {
      onThrown(cause);
    }
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.#cut(this.#owner.aborted());
  }

  leftMs(): number {
    return Math.max(0, Math.min(this.#limit(), this.#endOfCall()) - this.#owner.engine.clock.now());
  }

  callLeftMs(): number | undefined {
    const end = this.#endOfCall();
    // What is left of a call is the limit of its last attempt: the same time, but for how it was reckoned.
    return this.#limit() < end - A_TICK_MS ? undefined : Math.max(0, end - this.#owner.engine.clock.now());
  }

  /** When a limit of the attempt's own ends it. Without one it has not looked at the clock when it began, and need not have. */
  #limit(): number {
    const { firstTokenMs = Number.POSITIVE_INFINITY, attemptMs = Number.POSITIVE_INFINITY } = this.#clocks;
    return this.#startedAt + Math.min(firstTokenMs, attemptMs);
  }

  #endOfCall(): number {
    const { call, startedAt } = this.#owner;
    return startedAt + call.timeoutMs;
  }

  requestId(): string {
    return this.#owner.announce.requestId();
  }

  malformed(count: number): void {
    this.#owner.announce.stream('stream.malformed', this.#target, { attempt: this.number, count });
  }

  stalled(stall: Parameters<Ticket['stalled']>[0]): void {
    const silentMs = stall.silentMs === undefined ? undefined : whole(stall.silentMs);
    this.#owner.announce.stream('stream.stalled', this.#target, { attempt: this.number, ...stall, silentMs });
  }

  headersArrived(): void {
    if (this.#timer === undefined) return;
    this.#disarm();
    this.#arm(this.#owner.engine.clock.now());
  }

  #decide(outcome: Outcome<Reply>): void {
    if (this.#isDecided) {
      if (outcome.reply !== undefined) this.#owner.call.discard(outcome.reply);
      return;
    }
    this.#isDecided = true;
    this.#disarm();
    // A stream is still the caller's to abort after it was handed over.
    const streaming = outcome.kind === 'ok' ? outcome.ending : undefined;
    if (streaming) void streaming.then(() => this.#stopListening());
    else this.#stopListening();
    this.#resolve?.(outcome);
    // The attempt listens for as long as a stream is read, and would hold a stream that nobody else holds any more.
    this.#resolve = undefined;
  }

  #cut(failure: Failure<Reply>): void {
    if (this.#isDecided) this.#stopListening();
    else this.#decide(failure);
    this.#controller?.abort(failure.cause);
  }

  #stopListening(): void {
    this.#owner.call.signal?.removeEventListener('abort', this);
  }

  /** Sets the one timer for the nearest limit of the phase that begins; without `connectMs` that is the wait for the answer itself. */
  #arm(now: number, connectMs = Number.POSITIVE_INFINITY): void {
    const { firstTokenMs = Number.POSITIVE_INFINITY, attemptMs = Number.POSITIVE_INFINITY } = this.#clocks;
    const limitMs = Math.min(connectMs, firstTokenMs, attemptMs);
    if (limitMs === Number.POSITIVE_INFINITY) return;
    const leftMs = Math.max(0, this.#startedAt + limitMs - now);
    this.#timer = this.#owner.engine.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#cut({ kind: 'attempt_timeout', message: this.#complaint(limitMs) });
    }, leftMs);
  }

  /** What did not come in time, and where the limit is from: one that was set, by its name, or a share of the call's own time. */
  #complaint(limitMs: number): string {
    const { firstTokenMs, attemptMs } = this.#clocks;
    const { clocks, timeoutMs } = this.#owner.call;
    // An option is told in its own unit, what comes of other things as people write times.
    const ms = `${Math.round(limitMs)} ms`;
    const time = durationText(limitMs);
    if (limitMs === attemptMs && limitMs !== clocks.attemptMs)
      return `no answer within ${time} (a share of the call's ${durationText(timeoutMs)})`;
    if (limitMs === attemptMs) return `no answer within ${ms} (attemptMs)`;
    if (limitMs !== firstTokenMs) return `no response headers within ${ms} (connectMs)`;
    if (limitMs === clocks.firstTokenMs) return `no first token within ${ms} (firstTokenMs)`;
    return `no first token within ${time} (by what its answers took lately)`;
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#owner.engine.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
