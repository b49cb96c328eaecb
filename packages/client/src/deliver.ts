import type { Conclusion, Failure } from '@breakwater/core';
import { APIConnectionError, APIConnectionTimeoutError, APIError, OpenAIError } from 'openai';
import { AttemptTimeoutError, NoTargetError } from './errors.js';
import { rememberRoute } from './response/route-of.js';

/** How a call came out: a response (also a provider's refusal), or an error of which no response tells. */
export type Delivery = { readonly response: Response } | { readonly error: Error };

/**
 * What the caller is given. A failure below HTTP and the caller's own abort are thrown as `fetch` throws them, so that the official
 * client makes its own errors of them; a provider's refusal is a response, for the same reason.
 */
export function deliver(conclusion: Conclusion<Response>, isTimedOut: boolean): Delivery {
  const { outcome, route } = conclusion;
  if (outcome.reply) {
    rememberRoute(outcome.reply, route);
    // Of a refusal the official client keeps the headers alone.
    if (outcome.kind !== 'ok') rememberRoute(outcome.reply.headers, route);
    return { response: outcome.reply };
  }
  const failure = outcome as Failure<Response>;
  // The reason of an abort belongs to the caller, who may have given it to many calls at once: it tells nothing of any one of them.
  if (failure.kind === 'caller_abort') throw abortError(failure.cause);
  if (failure.kind === 'connect' || failure.kind === 'reset') {
    rememberRoute(failure.cause, route);
    throw failure.cause;
  }
  const error = isTimedOut ? timeoutError() : routingError(failure, conclusion);
  rememberRoute(error, route);
  return { error };
}

function routingError(failure: Failure<Response>, { route, skipped }: Conclusion<Response>): Error {
  const { kind, retryAfterMs } = failure;
  const message = `${route.target ? `${route.target}: ` : ''}${failure.message}`;
  if (kind === 'no_target')
    return new NoTargetError(`${message}. ${remedyOf(retryAfterMs)}`, { route, skipped, retryAfterMs });
  if (kind === 'attempt_timeout') return new AttemptTimeoutError(`${message} (router.timeouts)`, { route });
  return errorOf({ ...failure, message });
}

function remedyOf(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return 'List the model under `models` of an endpoint, or name `fallbacks` for it.';
  return `Try again in ${Math.ceil(retryAfterMs)} ms, or name other endpoints or \`fallbacks\`; after auth or quota look at the key.`;
}

/** The error for a failure that no response tells of. */
export function errorOf({ message, cause }: Failure<Response>): Error {
  if (cause instanceof OpenAIError) return cause;
  return new APIConnectionError({ message, cause: cause instanceof Error ? cause : undefined });
}

/** What the official client makes of its own timer; the later majors show what the timer aborted. */
function timeoutError(): Error {
  return Object.assign(new APIConnectionTimeoutError(), { cause: abortError(undefined) });
}

/** The error that the official client would make of a refusal. */
export async function officialError(response: Response): Promise<Error> {
  const body = await response.text();
  let parsed: object | undefined;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Not JSON: the official client then shows the text.
  }
  return APIError.generate(response.status, parsed, parsed ? undefined : body, response.headers);
}

/** What `fetch` rejects with when its signal aborts. */
function abortError(reason: unknown): unknown {
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError');
}
