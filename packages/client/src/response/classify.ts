import type { Failure, FailureKind } from '@breakwater/core';
import { retryAfterOf } from './retry-after.js';

/** What a provider said in its refusal, as far as it could be read. */
export interface ProviderError {
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
}

/** A refusal as it came over the wire. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether the request was one that any server could answer: then a 404 is about the model. */
  readonly movable: boolean;
  readonly wall: number;
}

/** The account has no money or no right left: no wait mends that. */
const QUOTA = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'credit_balance_exhausted',
  'usage_limit_reached',
  'quota_exceeded',
  'access_terminated',
]);
const CONTEXT = /context_length_exceeded|maximum context length|context window|prompt is too long/i;
const CONTENT = /content_filter|content_policy_violation|ResponsibleAIPolicyViolation/;
/** Somebody who says to come back in more than ten minutes is out of quota, not busy. */
const LONGEST_RATE_LIMIT_MS = 10 * 60_000;

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  408: 'request_timeout',
  409: 'conflict',
  425: 'conflict',
  503: 'overloaded',
  529: 'overloaded',
};

/** Reads a refusal: whose fault it was, and when to come back. */
export function classifyRefusal(refusal: Refusal): Failure<Response> {
  const { status, headers, wall } = refusal;
  const error = readError(refusal.body);
  const retryAfterMs = retryAfterOf({ headers, message: error.message ?? '', wall });
  const kind = kindOfRefusal(refusal, error, retryAfterMs);
  const hint = headers.get('x-should-retry');
  return {
    kind,
    status,
    message: `HTTP ${status}${error.code ? ` ${error.code}` : ''}`,
    ...(error.code && { code: error.code }),
    // A year's rest is a mistake or a quota, which has a rest of its own.
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.min(retryAfterMs, LONGEST_RATE_LIMIT_MS) }),
    ...((hint === 'true' || hint === 'false') && { repeatable: hint === 'true' }),
  };
}

function kindOfRefusal({ status, movable }: Refusal, error: ProviderError, retryAfterMs = 0): FailureKind {
  if (status === 429) return isQuota(error) || retryAfterMs > LONGEST_RATE_LIMIT_MS ? 'quota' : 'rate_limit';
  if (status === 404) return movable ? 'not_found' : 'caller_error';
  if (status === 400 || status === 413) return kindOfBadRequest(error);
  const known = BY_STATUS[status];
  if (known) return known;
  return status >= 500 ? 'server_error' : 'caller_error';
}

function kindOfBadRequest({ code = '', type = '', message = '' }: ProviderError): FailureKind {
  if (CONTEXT.test(code) || CONTEXT.test(message)) return 'context_window';
  return CONTENT.test(code) || CONTENT.test(type) ? 'content_policy' : 'caller_error';
}

/** The meaning of an error that came inside a stream, after its status had said 200. */
export function kindOfStreamError(error: ProviderError): FailureKind {
  const { code = '', type = '' } = error;
  if (isQuota(error)) return 'quota';
  if (/rate_limit/.test(code) || /rate_limit/.test(type)) return 'rate_limit';
  if (/overloaded|unavailable|capacity/.test(code) || /overloaded/.test(type)) return 'overloaded';
  const kind = kindOfBadRequest(error);
  return kind === 'caller_error' ? 'stream_error_early' : kind;
}

function isQuota({ code = '', type = '' }: ProviderError): boolean {
  return QUOTA.has(code) || QUOTA.has(type);
}

/** The error in a body: the official form, a bare one, or none that can be read. */
export function readError(body: string): ProviderError {
  try {
    return errorIn(JSON.parse(body));
  } catch {
    return {};
  }
}

/** The error in a parsed body or event. */
export function errorIn(parsed: unknown): ProviderError {
  if (typeof parsed !== 'object' || parsed === null) return {};
  const { error = parsed } = parsed as { error?: unknown };
  if (typeof error === 'string') return { message: error };
  if (typeof error !== 'object' || error === null) return {};
  const { code, type, message } = error as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { code: text(code), type: text(type), message: text(message) };
}

const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|UNABLE_TO_|tcp connect error|dns error/;
const TOO_SLOW = /UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT/;

/** Reads what `fetch` threw. Runtimes hide the reason at different depths, so the whole chain of causes is looked at. */
export function classifyThrown(thrown: unknown): Failure<Response> {
  const trail: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    trail.push(String((error as { code?: unknown }).code ?? ''), error.message);
    if (error instanceof AggregateError) trail.push(...error.errors.map((inner) => String(inner?.code ?? inner)));
  }
  const text = trail.join(' ');
  const kind = NOT_CONNECTED.test(text) ? 'connect' : TOO_SLOW.test(text) ? 'attempt_timeout' : 'reset';
  const code = trail.find((part) => /^[A-Z][A-Z_]{3,}$/.test(part));
  const message = kind === 'connect' ? 'could not connect' : 'the connection broke';
  return { kind, message: code ? `${message} (${code})` : message, cause: thrown, ...(code && { code }) };
}
