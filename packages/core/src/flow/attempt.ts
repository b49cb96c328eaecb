import type { Clock, Timer } from '../base/clock.js';
import type { Failure, Outcome } from '../outcome/outcome.js';

/** How long an attempt may take, in milliseconds from its start; what is absent is not limited. */
export interface AttemptClocks {
  /** Until the response's headers. */
  readonly connectMs?: number | undefined;
  /** Until the first content of a stream. */
  readonly firstTokenMs?: number | undefined;
  /** Until the whole answer, or for a stream until its first content. */
  readonly attemptMs?: number | undefined;
}

/** What an attempt is given. */
export interface Ticket {
  /** Aborts when the caller leaves or a clock runs out, for a stream also after the attempt has been won. */
  readonly signal: AbortSignal;
  /** Which attempt of the call it is, from 1. */
  readonly number: number;
  /** Stops the clock that waits for headers. */
  headersArrived(): void;
}

/** The terms on which an attempt is made. */
export interface AttemptTerms<Reply> {
  readonly number: number;
  readonly clocks: AttemptClocks;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** What an abort of the signal means. */
  aborted(): Failure<never>;
  discard(reply: Reply): void;
}

type Work<Reply> = (ticket: Ticket) => Promise<Outcome<Reply>>;

/**
 * Makes one attempt and answers as soon as it is decided: by the work, by a clock, or by the caller's abort, whichever is first.
 * Work that pays no heed to its signal is not waited for; what it brings too late is discarded.
 */
export function attempt<Reply>(work: Work<Reply>, terms: AttemptTerms<Reply>): Promise<Outcome<Reply>> {
  if (terms.signal?.aborted) return Promise.resolve(terms.aborted());
  return new Promise((resolve) => {
    new Attempt<Reply>(terms, resolve).run(work);
  });
}

const ONCE = { once: true } as const;

/** An attempt under way. It is its own ticket and its own abort listener: thousands may be under way at the same time. */
class Attempt<Reply> implements Ticket {
  readonly signal: AbortSignal;
  readonly #terms: AttemptTerms<Reply>;
  readonly #resolve: (outcome: Outcome<Reply>) => void;
  /** Only where a clock may have to end the attempt before the caller does: a signal is costly, and the caller's own serves as well. */
  readonly #controller: AbortController | undefined;
  #startedAt = 0;
  #timer: Timer | undefined;
  #isDecided = false;

  constructor(terms: AttemptTerms<Reply>, resolve: (outcome: Outcome<Reply>) => void) {
    const { connectMs, firstTokenMs, attemptMs } = terms.clocks;
    const isClocked = connectMs !== undefined || firstTokenMs !== undefined || attemptMs !== undefined;
    this.#terms = terms;
    this.#resolve = resolve;
    this.#controller = isClocked || !terms.signal ? new AbortController() : undefined;
    this.signal = this.#controller?.signal ?? (terms.signal as AbortSignal);
    if (isClocked) this.#startedAt = terms.clock.now();
  }

  get number(): number {
    return this.#terms.number;
  }

  run(work: Work<Reply>): void {
    this.#terms.signal?.addEventListener('abort', this, ONCE);
    this.#arm(this.#terms.clocks.connectMs);
    // Whatever throws here is not the target's fault. What it says is not repeated in events: there may be a key in it.
    const onThrown = (cause: unknown) =>
      this.#decide({ kind: 'caller_error', message: 'the attempt could not be made', cause });
    try {
      work(this).then((outcome) => this.#decide(outcome), onThrown);
    } catch (cause) {
      onThrown(cause);
    }
  }

  /** The caller's signal aborted. */
  handleEvent(): void {
    this.#cut(this.#terms.aborted());
  }

  headersArrived(): void {
    if (this.#timer === undefined) return;
    this.#disarm();
    this.#arm(undefined);
  }

  #decide(outcome: Outcome<Reply>): void {
    if (this.#isDecided) {
      if (outcome.reply !== undefined) this.#terms.discard(outcome.reply);
      return;
    }
    this.#isDecided = true;
    this.#disarm();
    // A stream is still the caller's to abort after it was handed over.
    const streaming = outcome.kind === 'ok' ? outcome.ending : undefined;
    if (streaming) void streaming.then(() => this.#stopListening());
    else this.#stopListening();
    this.#resolve(outcome);
  }

  #cut(failure: Failure<Reply>): void {
    if (this.#isDecided) this.#stopListening();
    else this.#decide(failure);
    this.#controller?.abort(failure.cause);
  }

  #stopListening(): void {
    this.#terms.signal?.removeEventListener('abort', this);
  }

  /** Sets the one timer for the nearest limit of the phase that begins; without `connectMs` that is the wait for the answer itself. */
  #arm(connectMs = Number.POSITIVE_INFINITY): void {
    const { firstTokenMs = Number.POSITIVE_INFINITY, attemptMs = Number.POSITIVE_INFINITY } = this.#terms.clocks;
    const limitMs = Math.min(connectMs, firstTokenMs, attemptMs);
    if (limitMs === Number.POSITIVE_INFINITY) return;
    const waitingFor = limitMs === attemptMs ? 'answer' : limitMs === firstTokenMs ? 'first token' : 'response headers';
    const leftMs = Math.max(0, this.#startedAt + limitMs - this.#terms.clock.now());
    this.#timer = this.#terms.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#cut({ kind: 'attempt_timeout', message: `no ${waitingFor} within ${Math.round(limitMs)} ms` });
    }, leftMs);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#terms.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
