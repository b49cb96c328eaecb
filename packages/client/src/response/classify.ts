import type { Failure, FailureKind } from '@breakwater/core';
import { type Answered, kindOfErrorInside, kindOfRefusal } from './kinds.js';
import { limitedBy } from './limited-by.js';
import { type ProviderError, readError } from './provider-error.js';
import { retryAfterOf } from './retry-after.js';

/** A refusal as it came over the wire. */
export interface Refusal extends Answered {
  readonly headers: Headers;
  readonly body: string;
  /** Milliseconds since the Unix epoch. */
  readonly wall: number;
}

/** Reads a refusal: whose fault it was, and when to come back. */
export function classifyRefusal(refusal: Refusal): Failure<Response> {
  const { status, headers, wall } = refusal;
  const error = readError(refusal.body);
  const retryAfterMs = retryAfterOf({
    headers,
    message: error.message ?? '',
    retryDelay: error.retryDelay,
    wall,
    isRateLimit: status === 429,
  });
  const kind = kindOfRefusal(refusal, error);
  const hint = headers.get('x-should-retry');
  const code = tellable(error.code);
  return {
    kind,
    status,
    message: `HTTP ${status}${code ? ` ${code}` : ''}`,
    ...(code && { code }),
    ...restOf(kind, retryAfterMs),
    ...(kind === 'rate_limit' && { limitedBy: limitedBy({ headers, error }) }),
    ...((hint === 'true' || hint === 'false') && { repeatable: hint === 'true' }),
  };
}

/** Reads an error that came inside a stream, after its status had said 200. One that names nothing known is the target's fault. */
export function classifyStreamError(error: ProviderError, answered: Answered): Failure<Response> {
  return classifyInside(error, answered, { where: 'the stream', otherwise: 'stream_error_early' });
}

/** Reads the error of a whole answer that says of itself, with status 200, that it failed. */
export function classifyFailedAnswer(error: ProviderError, answered: Answered): Failure<Response> {
  return classifyInside(error, answered, { where: 'the answer', otherwise: 'server_error' });
}

function classifyInside(
  error: ProviderError,
  { status, movable }: Answered,
  { where, otherwise }: { where: string; otherwise: FailureKind },
): Failure<Response> {
  const { message = '', retryDelay } = error;
  const code = tellable(error.code);
  // What the headers say of limits came with a 200, before the error.
  const retryAfterMs = retryAfterOf({ headers: new Headers(), message, retryDelay, wall: 0, isRateLimit: false });
  const kind = kindOfErrorInside(error, { movable, otherwise });
  return {
    kind,
    status,
    message: `an error inside ${where}${code ? ` (${code})` : ''}`,
    ...(code && { code }),
    ...restOf(kind, retryAfterMs),
  };
}

/** A code goes into events and logs only if it is a word: some gateways put sentences there, with the key and the prompt in them. */
const tellable = (code: string | undefined): string | undefined =>
  code !== undefined && /^[\w.:-]{1,64}$/.test(code) && !/^sk-/i.test(code) ? code : undefined;

/** The failures whose rest lasts as long as the provider itself asks for, be it hours. */
const RESTS_AS_ASKED: ReadonlySet<FailureKind> = new Set(['rate_limit', 'quota', 'auth', 'not_found']);
/** The longest rest of every other, in milliseconds. */
const LONGEST_REST_MS = 10 * 60_000;

/** A busy server that asks for a year has made a mistake: it is asked again after ten minutes. */
function restOf(kind: FailureKind, retryAfterMs: number | undefined): Pick<Failure<Response>, 'retryAfterMs'> {
  if (retryAfterMs === undefined) return {};
  return { retryAfterMs: RESTS_AS_ASKED.has(kind) ? retryAfterMs : Math.min(retryAfterMs, LONGEST_REST_MS) };
}

const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket|CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|UNABLE_TO_|tcp connect error|dns error/;
/** A port that browsers and Node refuse to call. No code goes with it, and the words are the whole of the cause's message. */
const REFUSED_PORT = 'bad port';
const TOO_SLOW = /UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT/;

/** Reads what `fetch` threw. Runtimes hide the reason at different depths, so the whole chain of causes is looked at. */
export function classifyThrown(thrown: unknown): Failure<Response> {
  const trail: string[] = [];
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    trail.push(String((error as { code?: unknown }).code ?? ''), error.message);
    if (error instanceof AggregateError) trail.push(...error.errors.map((inner) => String(inner?.code ?? inner)));
  }
  const text = trail.join(' ');
  const isRefused = trail.includes(REFUSED_PORT);
  const isUnconnected = isRefused || NOT_CONNECTED.test(text);
  const kind = isUnconnected ? 'connect' : TOO_SLOW.test(text) ? 'attempt_timeout' : 'reset';
  const code = trail.find((part) => /^[A-Z][A-Z_]{3,}$/.test(part));
  const message = isUnconnected ? 'could not connect' : 'the connection broke';
  const word = code ?? (isRefused ? REFUSED_PORT : undefined);
  return { kind, message: word ? `${message} (${word})` : message, cause: thrown, ...(code && { code }) };
}
