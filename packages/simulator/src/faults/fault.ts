/** Whom a fault hits, and how often; left out, it hits every request. */
export interface FaultAim {
  /** Only requests for these models. */
  readonly models?: readonly string[];
  /** Only these paths, written without the version, e.g. `/chat/completions`; a path covers what lies below it. */
  readonly paths?: readonly string[];
  /** Only the first so many requests it matches. */
  readonly times?: number;
  /** The share of requests it hits, drawn from the simulator's seed. @default 1 */
  readonly probability?: number;
}

/** Where in a stream something happens; the first of the three that is given counts. */
interface Place {
  readonly afterTokens?: number;
  readonly afterEvents?: number;
  readonly afterBytes?: number;
}

type Failure =
  /** The port refuses connections; open ones are destroyed. A whole region only. */
  | { readonly kind: 'refuse' }
  /** The connection is reset (RST) before any header. */
  | { readonly kind: 'reset' }
  /** The request is read and never answered. */
  | { readonly kind: 'silence' }
  /** Status 200 and headers, then nothing. */
  | { readonly kind: 'headers-only' }
  /** A stream opens at once, its first token comes `delayMs` later; a JSON answer is late as a whole. @default 5000 */
  | { readonly kind: 'slow-first-token'; readonly delayMs?: number }
  /** Latency and time per token are multiplied by `factor`, then `addMs` is added to the latency. @default factor 1, addMs 0 */
  | { readonly kind: 'slow'; readonly factor?: number; readonly addMs?: number }
  /** An error status with the API's own body for it, unless `body` gives another. @default status 500 */
  | {
      readonly kind: 'status';
      readonly status?: number;
      /** Sent as it is if it is a string, as JSON otherwise. */
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      /** Seconds, or any text to be sent as the header's value. */
      readonly retryAfter?: number | string;
      readonly code?: string | null;
      readonly type?: string;
      readonly message?: string;
    }
  /** 429 `rate_limit_exceeded` with `x-ratelimit-*` headers. @default dimension 'requests', no Retry-After */
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds?: number; readonly dimension?: 'requests' | 'tokens' }
  /** 401 `invalid_api_key`. */
  | { readonly kind: 'unauthorized' }
  /** 429 `insufficient_quota`. */
  | { readonly kind: 'quota' }
  /** 400 `context_length_exceeded`. */
  | { readonly kind: 'context-length' }
  /** 400 with `code`. @default code 'content_filter' */
  | { readonly kind: 'content-filter'; readonly code?: 'content_filter' | 'content_policy_violation' }
  /** The answer ends early, without its finish: the socket is destroyed, or with `clean` the body ends properly. @default afterTokens 3 */
  | ({ readonly kind: 'cut'; readonly clean?: boolean } & Place)
  /** The answer goes silent on the way. @default afterTokens 3 */
  | ({ readonly kind: 'stall' } & Place)
  /** One line of broken JSON is slipped into the stream, which then goes on and loses nothing; a JSON body is broken as a whole. @default afterTokens 3 */
  | ({ readonly kind: 'malformed-event' } & Place)
  /** A stream finishes but for its `data: [DONE]`. */
  | { readonly kind: 'no-done' }
  /** Status 200 with an HTML page, as a proxy gone wrong sends it. */
  | { readonly kind: 'html' }
  /** Status 200 with no body at all. */
  | { readonly kind: 'empty' }
  /** Status 200 with no choice, no output, no data in it. */
  | { readonly kind: 'no-choices' }
  /** An `error` object inside a stream with status 200, which ends there. @default afterTokens 0, code 'server_error' */
  | ({ readonly kind: 'stream-error'; readonly code?: string; readonly message?: string } & Place);

/** What goes wrong, told apart by `kind`, and whom it hits. */
export type Fault = Failure & FaultAim;

/** The name of a fault. */
export type FaultKind = Fault['kind'];

/** The fault of one kind. */
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;
