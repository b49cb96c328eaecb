import type { LimitDimension } from '../limits/limit.js';
import type { Failure, FailureKind, Outcome } from '../outcome/outcome.js';
import type { TokenEstimate, TokenUsage } from '../outcome/usage.js';
import type { EndpointKey } from '../targets/keys.js';
import type { Endpoint, Target } from '../targets/target.js';

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
  /** Which of the endpoint's keys to use; undefined where there was nothing to choose. */
  readonly key?: EndpointKey | undefined;
  /** Milliseconds until the attempt's clocks or the end of the call's time would cut it off. */
  leftMs(): number;
  /**
   * Milliseconds until the end of the call's time, where nothing ends the attempt before: nobody else would be asked then. Undefined
   * where a limit of the attempt comes first.
   */
  callLeftMs(): number | undefined;
  /** Stops the clock that waits for headers. */
  headersArrived(): void;
  /** The id of its call, as events have it. */
  requestId(): string;
  /** Announces that so many events of a stream could not be read, and were left out. */
  malformed(count: number): void;
  /** Announces that a stream has been silent for so long, in milliseconds, or has brought so few tokens a second. */
  stalled(stall: { readonly silentMs?: number; readonly tokensPerSecond?: number }): void;
}

/** A call that is gone on with. */
export interface Continued {
  /** Its id, as events have it. */
  readonly requestId: string;
  /** How many attempts it has had. */
  readonly attempts: number;
}

/** One call as the engine sees it: what it needs to know to route it, and how to make an attempt. */
export interface Call<Reply> {
  /** The name the caller asked for; absent for what has no model (files, batches). */
  readonly model?: string | undefined;
  readonly streamed: boolean;
  /** What is asked of the model, for events. @default it has no name */
  readonly resource?: string | undefined;
  /** The id of the only endpoint that may serve it. */
  readonly endpoint?: string | undefined;
  /** The ids of the only endpoints that may serve it. @default all */
  readonly only?: readonly string[] | undefined;
  /** The ids of endpoints that may not serve it. @default none */
  readonly exclude?: readonly string[] | undefined;
  /** What it has in common with calls that it should meet at one place, for the sake of that place's prompt cache. */
  readonly stickyKey?: string | undefined;
  /** Who waits for room in a limit is let go by this, the highest first, and then by arrival. @default 0 */
  readonly priority?: number | undefined;
  /** What it counts for, in sums by tag: a team, a customer, a feature. @default nothing */
  readonly tags?: readonly string[] | undefined;
  /** How many tokens it will take, for limits; only asked where there are any. @default none */
  estimate?(): TokenEstimate;
  /** False for what has state on one server: it stays at the first endpoint, and is not tried elsewhere. */
  readonly movable: boolean;
  /** The call whose answer it goes on with: its attempts are that call's. @default it is a call of its own */
  readonly continues?: Continued | undefined;
  /** False when its body is gone once sent: it gets one attempt. */
  readonly repeatable: boolean;
  /** Whether it may be sent to two targets at the same time. @default false */
  readonly hedgeable?: boolean | undefined;
  /** Other models, in the order in which they may answer instead. */
  readonly fallbacks: readonly string[];
  /** The models for a prompt that was too long; without any, `fallbacks` go on. */
  readonly contextWindowFallbacks?: readonly string[] | undefined;
  /** The models for a prompt that a content policy refused; without any, the refusal is final. */
  readonly contentPolicyFallbacks?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether an answer may be handed over with its body still on the way and nobody told of the body's end (a file, a sound): then the
   * ticket's signal follows the caller's for as long as somebody reads. @default false
   */
  readonly readLater?: boolean | undefined;
  /** Whether it was a clock that aborted the signal, and not the caller: then the target asked last was too slow. @default never */
  isTimedOut?(): boolean;
  /** Milliseconds for the whole call. */
  readonly timeoutMs: number;
  /** Whether `signal` aborts by itself after `timeoutMs`; else the engine's own clocks see to it. */
  readonly signalKeepsTime: boolean;
  /** Repeats on one target, at the most. */
  readonly maxRetries: number;
  readonly clocks: AttemptClocks;
  /** A limit for the headers, in milliseconds, that holds only while there is another target. @default none */
  readonly connectMsIfElsewhere?: number | undefined;
  /** Names the credential that the call itself brings for an endpoint; undefined where it uses one of the endpoint's own. @default none */
  credentialOf?(endpoint: Endpoint): string | undefined;
  /** Asks one target. It may reject only for reasons that no other target could mend. */
  attempt(target: Target, ticket: Ticket): Promise<Outcome<Reply>>;
  /** Lets go of a reply that came too late to be used. */
  discard(reply: Reply): void;
  /** The answer when everything else has failed; undefined, at once or later, for none. */
  lastResort?(failure: Failure<Reply>, way: Way): Promise<Reply | undefined> | undefined;
}

/** One attempt, as told to the caller afterwards. */
export interface AttemptRecord {
  /** `endpoint/model`. */
  readonly target: string;
  readonly endpoint: string;
  readonly region?: string | undefined;
  readonly model: string;
  readonly kind: FailureKind | 'ok';
  readonly status?: number | undefined;
  /** Milliseconds from sending to the answer, or for a stream to its first content. */
  readonly latencyMs: number;
  /** The name of the key that was used, `key#2`; only where there was one to choose. */
  readonly key?: string;
}

/** The way a call went. */
export interface Route {
  /** The target that answered, or was asked last; undefined when none was asked. */
  readonly target: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly model: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** Whether more than one target was asked. */
  readonly failover: boolean;
  /** Whether the answer came from `lastResort`. */
  readonly lastResort: boolean;
  /** Whether more would have been tried if the retry budget had allowed it. */
  readonly retryBudgetExhausted: boolean;
  /** Milliseconds from the call to the answer, waits and failed attempts included. */
  readonly latencyMs: number;
  /** What all attempts together used, as far as they told; of a stream only when it has ended. */
  readonly usage: TokenUsage | undefined;
  /** What that cost, in US dollars; undefined where nothing was told, or a price is not known. */
  readonly costUSD: number | undefined;
}

/** A target that could not be asked, and why. */
export interface Skipped {
  readonly target: string;
  readonly reason: 'breaker' | 'cooldown' | 'quarantine' | 'health' | 'limit';
  /** Of a quarantine: the kind of failure that led to it, `auth`, `quota` or `not_found`. Of a breaker: why it is open, in words. */
  readonly because?: string | undefined;
  /**
   * Of a limit: what it holds for, in words, and what of it is used up. Of one of tokens also how many the call was to set aside, and how
   * many of those were for its answer, where the request does not say how long that may be.
   */
  readonly limit?: {
    readonly scope: string;
    readonly dimension: LimitDimension;
    readonly tokens?: number;
    readonly answerTokens?: number;
  };
  /** Milliseconds until it may be asked again; undefined for a breaker that only somebody's hand closes. */
  readonly leftMs: number | undefined;
}

/** How a call came to its end. */
export interface Way {
  readonly route: Route;
  readonly skipped: readonly Skipped[];
  /** The id of the target whose failure the outcome is; undefined with an answer, and where nobody was asked. */
  readonly failedAt: string | undefined;
}

/** How a call ended. */
export interface Conclusion<Reply> extends Way {
  readonly outcome: Outcome<Reply>;
}
