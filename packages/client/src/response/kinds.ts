import type { FailureKind } from '@breakwater/core';
import type { ProviderError } from './provider-error.js';

/** What the meaning of an error depends on besides the error. */
export interface Answered {
  readonly status: number;
  /** Whether the request was one that any server could answer: else a 404 is about what is kept on one. */
  readonly movable: boolean;
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
const CONTENT = /content_filter|policy_violation|^bio_policy$|ResponsibleAIPolicyViolation/;
const FLAGGED = /\binput was flagged\b/i;
/** The codes and the words that say of a model, or of the deployment it is known by, that it is not there. */
const NO_MODEL_CODE = /^(?:model_?not_?(?:found|available)|invalid_?model|deployment_?not_?found)$/i;
const NO_MODEL =
  /^model: |\b(?:models?|deployment)\b.{0,200}\b(?:not found|not exist)\b|\b(?:no such|unknown|not found the) (?:model|deployment)\b/is;
/** The same in a 400, which is about many other things: only words that can be about nothing else. */
const NO_MODEL_IN_400 =
  /\bnot a valid model\b|\binvalid model name\b|^invalid model:|^(?:the )?model (?:[`'"]?[\w./:@-]+[`'"]? )?(?:does )?not (?:exist|found)\b/i;
/** The key is good, but not for this model. */
const NO_ACCESS = /\bnot have access to (?:the )?model\b/i;
/** The key is good, but may not do this: it can be restricted to some resources. */
const NO_SCOPE =
  /\bmissing scopes?\b|\binsufficient permissions for this operation\b|\bpermission to use the specified resource\b/i;
/** The place that a request comes from is refused, whatever its key. */
const NO_ENTRY_CODE = /^(?:unsupported_country_region_territory|request_forbidden)$/;
/** Google says of a dead key that the argument was invalid. */
const DEAD_KEY = /^api key (?:not valid|expired)\b|\bAPI_KEY_INVALID\b/i;
/** One request is more than the limit of a whole minute, or day: "Request too large for gpt-4.1 … on tokens per min (TPM)". */
const TOO_LARGE = /\brequest too large for\b/i;
const LIMIT_AND_REQUESTED = /\bLimit:? (\d[\d,]*)\b.{0,80}?\bRequested:? (\d[\d,]*)/is;
/** Something that the caller named by its id. */
const NO_ITEM = /\b(?!(?:model|deployment)\b)\w+ with id\b|^no such (?!model|deployment)/i;

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  402: 'quota',
  408: 'request_timeout',
  409: 'conflict',
  425: 'conflict',
  // Groq's word for a capacity that is used up.
  498: 'overloaded',
  503: 'overloaded',
  529: 'overloaded',
};

/** What a refusal means. However long a 429 asks to be left alone: only what it names makes it one for want of quota. */
export function kindOfRefusal({ status, movable }: Answered, error: ProviderError): FailureKind {
  // No wait makes it fit; another account, or another model, may have a larger limit.
  if ((status === 429 || status === 413) && isAboveLimit(error)) return movable ? 'not_served' : 'caller_error';
  if (status === 429) return isQuota(error) ? 'quota' : 'rate_limit';
  if (isNoModelBy(status, error)) return movable ? 'not_found' : 'caller_error';
  if (status === 404) return movable ? kindOfNotFound(error) : 'caller_error';
  if (status === 401 || status === 403 || (status === 400 && isDeadKey(error)))
    return kindOfForbidden({ status, movable }, error);
  if (status === 400 || status === 413) return kindOfBadRequest(error);
  const known = BY_STATUS[status];
  if (known) return known;
  return status >= 500 ? 'server_error' : 'caller_error';
}

/**
 * A 404 is about the model, about something else that the caller named, or about the address. Only the first keeps the target from
 * other callers: taken for it, one caller's stale id, or one resource that an endpoint lacks, would close the target to all of them.
 */
function kindOfNotFound(error: ProviderError): FailureKind {
  const { param, message = '' } = error;
  if (NO_ITEM.test(message)) return 'caller_error';
  if (NO_MODEL.test(message)) return 'not_found';
  return param && param !== 'model' ? 'caller_error' : 'not_served';
}

/**
 * A key that is refused is refused for everything, and nobody uses it for a while. So that has to be certain: a key may be good for
 * chats and for nothing else, and a page (no error of the API's own) is somebody's on the way, who has not seen whose key it is.
 */
function kindOfForbidden({ status, movable }: Answered, error: ProviderError): FailureKind {
  const { code = '', type = '', message = '', isUnreadable } = error;
  if (status === 403 && isRefusedContent(error)) return 'content_policy';
  if (!movable) return 'caller_error';
  const isElsewhere = NO_SCOPE.test(message) || NO_ENTRY_CODE.test(code) || NO_ENTRY_CODE.test(type);
  return isElsewhere || (status === 403 && isUnreadable) ? 'not_served' : 'auth';
}

function isDeadKey({ message = '', reason = '' }: ProviderError): boolean {
  return DEAD_KEY.test(message) || DEAD_KEY.test(reason);
}

/** Whether a refusal with this status, whatever else that may mean, says that the model is not there, or not for this key. */
function isNoModelBy(status: number, error: ProviderError): boolean {
  const { message = '' } = error;
  if (status === 400) return isNoModel(error) || NO_MODEL_IN_400.test(message);
  if (status === 403) return isNoModel(error) || NO_ACCESS.test(message);
  return status === 404 && isNoModel(error);
}

function kindOfBadRequest(error: ProviderError): FailureKind {
  const { code = '', message = '' } = error;
  if (CONTEXT.test(code) || CONTEXT.test(message)) return 'context_window';
  return isRefusedContent(error) ? 'content_policy' : 'caller_error';
}

function isRefusedContent({ code = '', type = '', message = '', isFlagged }: ProviderError): boolean {
  return isFlagged === true || CONTENT.test(code) || CONTENT.test(type) || FLAGGED.test(message);
}

/** The status that an error of such a code or type comes with when it is a refusal. */
const STATUS_OF_NAME: readonly (readonly [name: RegExp, status: number])[] = [
  [/rate_?limit|too_?many_?requests|resource_?exhausted/i, 429],
  [/api_?key|authentication|unauthori[sz]ed|permission/i, 401],
  [/overloaded|unavailable|capacity/i, 503],
  [
    /^(?:invalid|unsupported|data_residency)_|bad_?request|unprocessable|^(?:empty_|failed_to_download_)?image(?!_generation)/i,
    400,
  ],
  [/not_?found/i, 404],
];

/** What the meaning of an error that has no status of its own depends on besides the error. */
export interface Inside {
  readonly movable: boolean;
  /** What it means when it names nothing that is known here. */
  readonly otherwise: FailureKind;
}

/**
 * What an error means that came after a status of 200: what it would mean as a refusal, by the status it names itself, else by the one
 * that goes with its code or its type.
 */
export function kindOfErrorInside(error: ProviderError, { movable, otherwise }: Inside): FailureKind {
  if (isQuota(error)) return 'quota';
  const status = error.status ?? statusNamedBy(error.code) ?? statusNamedBy(error.type);
  if (status !== undefined) return kindOfRefusal({ status, movable }, error);
  const kind = kindOfBadRequest(error);
  return kind === 'caller_error' ? otherwise : kind;
}

const statusNamedBy = (name = ''): number | undefined => STATUS_OF_NAME.find(([pattern]) => pattern.test(name))?.[1];

function isQuota({ code = '', type = '' }: ProviderError): boolean {
  return QUOTA.has(code) || QUOTA.has(type);
}

function isNoModel({ code = '', type = '' }: ProviderError): boolean {
  return NO_MODEL_CODE.test(code) || NO_MODEL_CODE.test(type);
}

/** A rate limit that this request alone would exceed. It says nothing of what others use, and coming back later is of no use. */
function isAboveLimit({ message = '' }: ProviderError): boolean {
  if (TOO_LARGE.test(message)) return true;
  const [, limit, requested] = LIMIT_AND_REQUESTED.exec(message) ?? [];
  if (limit === undefined || requested === undefined) return false;
  // A limit of 0 keeps everybody out: that is about the target.
  return amountOf(limit) > 0 && amountOf(requested) > amountOf(limit);
}

const amountOf = (text: string): number => Number(text.replaceAll(',', ''));
