import type { SeenLimits } from './seen-limits.js';
import type { TokenUsage } from './usage.js';

/** What a rate limit was about. */
export interface LimitedBy {
  readonly dimension: 'requests' | 'tokens' | undefined;
  readonly perDay: boolean;
  /** Capacity that was bought and is full at the moment: this request goes elsewhere, and the next may well find room again. */
  readonly isProvisioned: boolean;
}

/** Everything that can become of a call but an answer. What each one means stands in `verdict.ts`. */
export type FailureKind =
  | 'caller_abort'
  | 'attempt_timeout'
  | 'connect'
  | 'reset'
  | 'server_error'
  | 'overloaded'
  | 'rate_limit'
  | 'quota'
  | 'auth'
  | 'not_found'
  | 'not_served'
  | 'context_window'
  | 'content_policy'
  | 'caller_error'
  | 'unsendable'
  | 'conflict'
  | 'request_timeout'
  | 'malformed'
  | 'stream_error_early'
  | 'stream_error_late'
  | 'no_target'
  | 'limit_exceeded';

/** How a streamed answer ended after it had been handed over; `ok` also when its reader had enough of it. */
export interface Ending {
  readonly kind: 'ok' | 'stream_error_late' | 'caller_abort' | 'content_policy' | 'context_window' | 'caller_error';
  readonly message?: string;
  /** What it used, or seems to have used until it broke off; undefined when that is not known. */
  readonly usage?: TokenUsage | undefined;
  /** Without `usage`: counts the tokens that were given out, about; called only where somebody wants to know. */
  readonly emitted?: (() => number) | undefined;
  /** In how many pieces it came after it was handed over; undefined where nobody read it. */
  readonly chunks?: number | undefined;
  /** Of a stream that broke off, where somebody else may go on with it: how it ended in the end. Never rejects. */
  readonly goesOn?: Promise<Ending> | undefined;
}

/** The call was answered. */
export interface Answer<Reply> {
  readonly kind: 'ok';
  readonly reply: Reply;
  readonly status?: number;
  /** Only for a streamed answer: settles when the stream has ended, however it ends. Never rejects. */
  readonly ending?: Promise<Ending>;
  /** What it used; of a stream its `ending` tells. */
  readonly usage?: TokenUsage | undefined;
  /** What it said of the provider's limits; read only where somebody wants to know. */
  readonly limits?: (() => SeenLimits | undefined) | undefined;
}

/** The call was not answered. */
export interface Failure<Reply> {
  readonly kind: FailureKind;
  /** For people; free of prompts, answers and keys. */
  readonly message: string;
  readonly status?: number;
  /** The provider's own code for it, such as `insufficient_quota`. */
  readonly code?: string;
  /** How long the provider asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The provider's own word on trying the same target again (`x-should-retry`); it overrules the table. */
  readonly repeatable?: boolean;
  /** Of a rate limit: what was used up, as far as it said so. */
  readonly limitedBy?: LimitedBy | undefined;
  /** What it used all the same: a refusal by a content policy may be billed. */
  readonly usage?: TokenUsage | undefined;
  /** As with an answer. */
  readonly limits?: (() => SeenLimits | undefined) | undefined;
  /** What the provider sent, kept for the caller who may have to be shown it. */
  readonly reply?: Reply;
  readonly cause?: unknown;
}

/** What came back from one attempt. Inside the flow nothing is thrown: an attempt always ends in one of these. */
export type Outcome<Reply> = Answer<Reply> | Failure<Reply>;
