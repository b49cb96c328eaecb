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
  | 'no_target';

/** How a streamed answer ended after it had been handed over; `ok` also when its reader had enough of it. */
export interface Ending {
  readonly kind: 'ok' | 'stream_error_late' | 'caller_abort';
  readonly message?: string;
}

/** The call was answered. */
export interface Answer<Reply> {
  readonly kind: 'ok';
  readonly reply: Reply;
  readonly status?: number;
  /** Only for a streamed answer: settles when the stream has ended, however it ends. Never rejects. */
  readonly ending?: Promise<Ending>;
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
  /** What the provider sent, kept for the caller who may have to be shown it. */
  readonly reply?: Reply;
  readonly cause?: unknown;
}

/** What came back from one attempt. Inside the flow nothing is thrown: an attempt always ends in one of these. */
export type Outcome<Reply> = Answer<Reply> | Failure<Reply>;
