import {
  BUDGET_EXCEEDED,
  type Call,
  type Conclusion,
  durationText,
  type Failure,
  type Skipped,
  type Way,
} from '@breakwater/core';
import { APIConnectionError, APIConnectionTimeoutError, OpenAIError } from 'openai';
import { AttemptTimeoutError, LimitExceededError, NoTargetError } from './errors.js';
import { rememberRoute } from './response/route-of.js';

/** How a call came out: a response (also a provider's refusal), or an error of which no response tells. */
export type Delivery = { readonly response: Response } | { readonly error: Error };

/**
 * What the caller is given. A failure below HTTP and the caller's own abort are thrown as `fetch` throws them, so that the official
 * client makes its own errors of them; a provider's refusal is a response, for the same reason.
 */
export function deliver(conclusion: Conclusion<Response>, call: Call<Response>): Delivery {
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
  const error = call.isTimedOut?.() ? timeoutError() : routingError(failure, conclusion, call);
  rememberRoute(error, route);
  return { error };
}

/** The error for a failure that no response tells of, as its caller is shown it. */
export function routingError(
  failure: Failure<Response>,
  { route, skipped, failedAt }: Way,
  call: Call<Response>,
): Error {
  const { kind, retryAfterMs } = failure;
  const message = failedAt === undefined ? failure.message : `${failedAt}: ${failure.message}`;
  if (kind === 'no_target')
    return new NoTargetError(`${message}. ${remedyOf(skipped, retryAfterMs, call)}`, { route, skipped, retryAfterMs });
  if (kind === 'limit_exceeded')
    return new LimitExceededError(`${message}. ${roomRemedy(failure, skipped)}`, { skipped, retryAfterMs });
  if (kind === 'attempt_timeout') return new AttemptTimeoutError(message, { route });
  return errorOf({ ...failure, message });
}

/** What the caller can do about a limit. */
function roomRemedy({ code, retryAfterMs }: Failure<Response>, skipped: readonly Skipped[]): string {
  if (code === BUDGET_EXCEEDED)
    return "Raise it, or go on with cheaper models (`onExceeded: 'cheapest'`) or without a bound (`onExceeded: 'event'`).";
  const inTime =
    retryAfterMs === undefined ? 'Try again when others have ended' : `Try again in ${durationText(retryAfterMs)}`;
  const wait = 'let it wait (`limits.onLimit`, `limits.maxWaitMs`)';
  const answerTokens = Math.max(0, ...skipped.map(({ limit }) => limit?.answerTokens ?? 0));
  if (answerTokens === 0) return `${inTime}, or raise \`limits\`, or ${wait}.`;
  const why = `For its answer ${answerTokens} tokens were set aside, because the request has no \`max_tokens\``;
  return `${why}: set it, or raise \`limits\`. ${inTime}, or ${wait}.`;
}

/** The quarantines that are a key's, and what is wrong with it then. */
const KEY_TROUBLE: Readonly<Record<string, string>> = { auth: 'refused by the provider', quota: 'no quota left' };

/** What the caller can do; a request that is kept at one endpoint is not helped by others, nor one whose keys all fail by waiting alone. */
function remedyOf(skipped: readonly Skipped[], retryAfterMs: number | undefined, call: Call<Response>): string {
  if (skipped.length === 0) {
    return call.endpoint === undefined
      ? 'List the model under `models` of an endpoint, or name `fallbacks` for it.'
      : 'List the model under `models` of that endpoint, or name another `router.endpoint`.';
  }
  const keys = Object.entries(KEY_TROUBLE).flatMap(([because, trouble]) => {
    const resting = skipped
      .filter((skip) => skip.reason === 'quarantine' && skip.because === because)
      .map(({ target }) => target.split('/')[0]);
    const ids = [...new Set(resting)];
    return ids.length === 0 ? [] : [`Look at the key${ids.length > 1 ? 's' : ''} of ${ids.join(', ')}: ${trouble}. `];
  });
  const isAllKeys = skipped.every(
    ({ reason, because = '' }) => reason === 'quarantine' && Object.hasOwn(KEY_TROUBLE, because),
  );
  const isKept = call.endpoint !== undefined || !call.movable;
  const elsewhere = isKept ? ', or name another `router.endpoint`' : ', or name other endpoints or `fallbacks`';
  const inTime =
    retryAfterMs === undefined
      ? `Close it by hand (\`client.router.target('${skipped[0]?.target}')\`)`
      : `Try again in ${durationText(retryAfterMs)}`;
  return `${keys.join('')}${inTime}${isAllKeys ? '' : elsewhere}.`;
}

/** The error for a failure that no response tells of. */
function errorOf({ message, cause }: Failure<Response>): Error {
  if (cause instanceof OpenAIError) return cause;
  return new APIConnectionError({ message, cause: cause instanceof Error ? cause : undefined });
}

/** What the official client makes of its own timer; the later majors show what the timer aborted. */
function timeoutError(): Error {
  return Object.assign(new APIConnectionTimeoutError(), { cause: abortError(undefined) });
}

/** What `fetch` rejects with when its signal aborts. */
function abortError(reason: unknown): unknown {
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError');
}
