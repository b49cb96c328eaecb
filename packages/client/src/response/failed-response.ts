import type { Failure } from '@breakwater/core';
import { APIError } from 'openai';
import type { Resource } from '../request/read.js';
import { classifyFailedAnswer } from './classify.js';
import type { Answered } from './kinds.js';
import { errorIn, rawErrorIn, soleOf } from './provider-error.js';

/** Only what holds these words is parsed for them once more. */
const FAILED = /"status"\s*:\s*"failed"/;
const ERROR = /"error"\s*:\s*[{"]/;

/** What is known of an answer that came whole. */
export interface WholeAnswer {
  /** What is wrong with it, in words; undefined when it looks like what was asked for. */
  readonly fault: string | undefined;
  readonly resource: Resource;
  readonly answered: Answered;
  readonly headers: Headers;
}

/**
 * The provider's own word, with status 200, that it failed: a response (the resource) whose status says so, or an error in place of
 * an answer, as some gateways send it; with the latter comes the error to throw, for the official client would take it for an answer.
 * Undefined when there is none, also where only a part failed, such as a tool call.
 */
export function failureInAnswer(
  text: string,
  { fault, resource, answered, headers }: WholeAnswer,
): Failure<Response> | undefined {
  const mayHaveFailed = fault ? ERROR.test(text) : resource === 'responses' && FAILED.test(text);
  if (!mayHaveFailed) return undefined;
  try {
    const whole = JSON.parse(text);
    const parsed = (fault ? soleOf(whole) : whole) as { error?: unknown; status?: unknown } | null;
    if (fault ? !parsed?.error : parsed?.status !== 'failed') return undefined;
    const error = errorIn(parsed);
    const failure = classifyFailedAnswer(error, answered);
    if (!fault) return failure;
    // Without a word on whose fault it was it is simply no answer.
    const kind = failure.kind === 'server_error' ? 'malformed' : failure.kind;
    return { ...failure, kind, cause: officialErrorOf(parsed as object, error.status, headers) };
  } catch {
    // What cannot be read is looked at by those who look for whole answers.
    return undefined;
  }
}

/** What the official client makes of such an error as a refusal; where it names no status, what it makes of one in a stream. */
function officialErrorOf(parsed: object, status: number | undefined, headers: Headers): APIError {
  if (status !== undefined) return APIError.generate(status, parsed, undefined, headers);
  return new APIError(undefined, rawErrorIn(parsed) as object, undefined, headers);
}
