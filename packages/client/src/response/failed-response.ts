import type { Failure } from '@breakwater/core';
import type { Resource } from '../request/read.js';
import { classifyFailedAnswer } from './classify.js';
import type { Answered } from './kinds.js';
import { errorIn } from './provider-error.js';

/** Only what holds these words is parsed for them once more. */
const FAILED = /"status"\s*:\s*"failed"/;
const ERROR = /"error"\s*:\s*[{"]/;

/** What is known of an answer that came whole. */
export interface WholeAnswer {
  /** What is wrong with it, in words; undefined when it looks like what was asked for. */
  readonly fault: string | undefined;
  readonly resource: Resource;
  readonly answered: Answered;
}

/**
 * The provider's own word, with status 200, that it failed: a response (the resource) whose status says so, or an error in place of
 * an answer, as some gateways send it. Undefined when there is none, also where only a part failed, such as a tool call.
 */
export function failureInAnswer(
  text: string,
  { fault, resource, answered }: WholeAnswer,
): Failure<Response> | undefined {
  const mayHaveFailed = fault ? ERROR.test(text) : resource === 'responses' && FAILED.test(text);
  if (!mayHaveFailed) return undefined;
  try {
    const parsed = JSON.parse(text);
    if (fault ? !parsed?.error : parsed?.status !== 'failed') return undefined;
    const failure = classifyFailedAnswer(errorIn(parsed), answered);
    // Without a word on whose fault it was it is simply no answer.
    return fault && failure.kind === 'server_error' ? undefined : failure;
  } catch {
    // What cannot be read is looked at by those who look for whole answers.
    return undefined;
  }
}
