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
    const controller = new AbortController();
    const clocks = new PhaseClock(terms, (message) => cut({ kind: 'attempt_timeout', message }));
    let decided = false;

    const onAbort = () => cut(terms.aborted());
    const stopListening = () => terms.signal?.removeEventListener('abort', onAbort);
    const decide = (outcome: Outcome<Reply>) => {
      decided = true;
      clocks.stop();
      // A stream is still the caller's to abort after it was handed over.
      const streaming = outcome.kind === 'ok' ? outcome.ending : undefined;
      if (streaming) void streaming.then(stopListening);
      else stopListening();
      resolve(outcome);
    };
    const cut = (failure: Failure<Reply>) => {
      if (!decided) decide(failure);
      else stopListening();
      controller.abort(failure.cause);
    };

    terms.signal?.addEventListener('abort', onAbort, { once: true });
    clocks.start();
    // Whatever throws here (a key function, a broken option) is not the target's fault, and would throw elsewhere too.
    const onThrown = (cause: unknown) => decided || decide({ kind: 'caller_error', message: messageOf(cause), cause });
    try {
      const ticket = { signal: controller.signal, number: terms.number, headersArrived: () => clocks.headersArrived() };
      work(ticket).then((outcome) => (decided ? discard(outcome, terms) : decide(outcome)), onThrown);
    } catch (cause) {
      onThrown(cause);
    }
  });
}

/** The clocks of an attempt, with one timer at a time: the nearest limit of the phase it is in. */
class PhaseClock {
  readonly #clocks: AttemptClocks;
  readonly #clock: Clock;
  readonly #over: (message: string) => void;
  #startedAt = 0;
  #timer: Timer | undefined;

  constructor(terms: { clocks: AttemptClocks; clock: Clock }, over: (message: string) => void) {
    this.#clocks = terms.clocks;
    this.#clock = terms.clock;
    this.#over = over;
  }

  start(): void {
    const { connectMs = Number.POSITIVE_INFINITY } = this.#clocks;
    const { limitMs, waitingFor } = this.#answerLimit();
    if (Math.min(connectMs, limitMs) === Number.POSITIVE_INFINITY) return;
    this.#startedAt = this.#clock.now();
    if (connectMs < limitMs) this.#arm(connectMs, 'response headers');
    else this.#arm(limitMs, waitingFor);
  }

  headersArrived(): void {
    if (this.#timer === undefined) return;
    this.stop();
    const { limitMs, waitingFor } = this.#answerLimit();
    if (limitMs !== Number.POSITIVE_INFINITY) this.#arm(limitMs, waitingFor);
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #answerLimit(): { limitMs: number; waitingFor: string } {
    const { firstTokenMs = Number.POSITIVE_INFINITY, attemptMs = Number.POSITIVE_INFINITY } = this.#clocks;
    return firstTokenMs < attemptMs
      ? { limitMs: firstTokenMs, waitingFor: 'first token' }
      : { limitMs: attemptMs, waitingFor: 'answer' };
  }

  #arm(limitMs: number, waitingFor: string): void {
    const leftMs = Math.max(0, this.#startedAt + limitMs - this.#clock.now());
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#over(`no ${waitingFor} within ${Math.round(limitMs)} ms`);
    }, leftMs);
  }
}

function discard<Reply>(outcome: Outcome<Reply>, terms: AttemptTerms<Reply>): void {
  if (outcome.reply !== undefined) terms.discard(outcome.reply);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
