import type { Context, Span } from '@opentelemetry/api';
import type { EventName, FailureKind, RouterEvents } from 'breakwater';

/** An attempt that has not ended. */
export interface OpenAttempt {
  readonly number: number;
  readonly asked: Asked;
  span?: Span | undefined;
}

/** What attempts have used so far. */
export interface Used {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  isEstimated: boolean;
  costUSD: number | undefined;
}

/** A call that has not ended. There is nothing in it of what was asked or answered. */
export interface OpenCall {
  readonly id: string;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly operation: string;
  readonly model: string | undefined;
  readonly streamed: boolean;
  readonly resource: string | undefined;
  /** Where the caller is. */
  readonly context: Context;
  readonly open: OpenAttempt[];
  attempts: number;
  /** The target that was asked last, and in the end the one that answered. */
  target: Asked | undefined;
  /** Milliseconds until it was answered, of a stream until its first content; undefined before. */
  answeredMs: number | undefined;
  rerouted: boolean;
  isLastResort: boolean;
  used: Used | undefined;
  tags: readonly string[] | undefined;
  span?: Span | undefined;
}

/** A target as far as it is of interest. */
export type Asked = Pick<RouterEvents['attempt.started'], 'target' | 'endpoint' | 'region' | 'model'>;

/** How a call ended. */
export interface CallEnd {
  readonly kind: FailureKind | 'ok';
  readonly durationMs: number;
  readonly status?: number | undefined;
  /** Of a stream: the pieces behind its first content. */
  readonly chunks?: number | undefined;
}

/** How an attempt ended. */
export type AttemptEnd = Omit<RouterEvents['attempt.succeeded'], 'kind'> & { readonly kind?: FailureKind };

/** What happened to a call besides its beginning, its attempts and its end. */
export const NOTED = [
  'failover',
  'retry',
  'target.skipped',
  'breaker.opened',
  'breaker.half-opened',
  'breaker.closed',
  'breaker.would-open',
  'cooldown.started',
  'quarantine.started',
  'limit.waiting',
  'limit.rejected',
  'budget.exhausted',
  'stream.committed',
  'stream.stalled',
  'stream.rescued',
  'stream.restarted',
  'hedge.sent',
  'hedge.won',
  'hedge.lost',
  'hedge.denied',
  'lastresort.used',
] as const satisfies readonly EventName[];

/** One of them. */
export type NotedName = (typeof NOTED)[number];

/** Makes something of calls. What it throws changes nothing, neither for the call nor for another writer. */
export interface Writer {
  callStarted(call: OpenCall): void;
  attemptStarted(call: OpenCall, attempt: OpenAttempt): void;
  attemptEnded(call: OpenCall, attempt: OpenAttempt, end: AttemptEnd): void;
  /** The attempts of such a call that are open end with it. */
  callEnded(call: OpenCall, end: CallEnd): void;
  /** Nobody waits for the end of the call any more. */
  callDropped(call: OpenCall): void;
  noted(call: OpenCall | undefined, name: NotedName, event: RouterEvents[NotedName]): void;
}
