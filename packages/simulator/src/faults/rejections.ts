import type { Answer } from '../answers/answer.js';
import { type ErrorFields, Rejection } from '../answers/rejection.js';
import type { Fault, FaultOf } from './fault.js';

type Known = Readonly<Record<number, ErrorFields>>;

/** What the API says with each status when nothing more is known. */
const BODIES: Known = {
  400: { message: 'The request was invalid.' },
  401: { message: 'Incorrect API key provided.', code: 'invalid_api_key' },
  402: {
    message: 'Your credit balance is too low for this request.',
    type: 'billing_error',
    code: 'credit_balance_exhausted',
  },
  403: {
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  },
  404: { message: 'The requested resource was not found.' },
  408: { message: 'The request timed out.', type: 'timeout' },
  409: { message: 'The resource was changed by another request.', code: 'conflict' },
  413: { message: 'The request body is too large.' },
  422: { message: 'The request could not be processed.' },
  429: { message: 'Rate limit reached for requests.', type: 'requests', code: 'rate_limit_exceeded' },
  500: { message: 'The server had an error while processing your request.', type: 'server_error' },
  502: { message: 'Bad gateway.', type: 'server_error' },
  503: {
    message: 'The engine is currently overloaded, please try again later.',
    type: 'server_error',
    code: 'service_unavailable',
  },
  504: { message: 'The gateway timed out.', type: 'server_error' },
  529: { message: 'The service is overloaded.', type: 'overloaded_error' },
};

/** The error answer a fault stands for, or nothing if it is of another sort. */
export function rejectionOf(fault: Fault, model: string | undefined): Answer | undefined {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'rate-limit':
      return asAnswer(rateLimit(fault, model));
    case 'unauthorized':
      return asAnswer(wrongKey('sk-****'));
    case 'quota':
      return asAnswer(
        new Rejection(429, {
          message: 'You exceeded your current quota, please check your plan and billing details.',
          type: 'insufficient_quota',
          code: 'insufficient_quota',
        }),
      );
    case 'context-length':
      return asAnswer(
        new Rejection(400, {
          message: "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.",
          param: 'messages',
          code: 'context_length_exceeded',
        }),
      );
    case 'content-filter':
      return asAnswer(contentFilter(fault));
    default:
      return undefined;
  }
}

/** 401 as the API sends it for a key it does not know; only the two ends of the key are shown. */
export function wrongKey(key: string): Rejection {
  const shown = key.length > 8 ? `${key.slice(0, 3)}****${key.slice(-4)}` : '****';
  return new Rejection(401, { message: `Incorrect API key provided: ${shown}.`, code: 'invalid_api_key' });
}

/** A rejection as an answer. */
export function asAnswer({ status, body, headers }: Rejection): Answer {
  return { form: 'json', status, body, headers };
}

function statusAnswer(fault: FaultOf<'status'>): Answer {
  const { status = 500, body, headers = {}, retryAfter } = fault;
  const known = BODIES[status] ?? {
    message: `Status ${status}.`,
    type: status >= 500 ? 'server_error' : 'invalid_request_error',
  };
  const given = {
    ...(fault.message !== undefined && { message: fault.message }),
    ...(fault.type !== undefined && { type: fault.type }),
    ...(fault.code !== undefined && { code: fault.code }),
  };
  const wait: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const rejection = new Rejection(status, { ...known, ...given }, { ...wait, ...headers });
  return body === undefined ? asAnswer(rejection) : { form: 'json', status, body, headers: rejection.headers };
}

function rateLimit({ retryAfterSeconds, dimension = 'requests' }: FaultOf<'rate-limit'>, model = 'default'): Rejection {
  const unit = dimension === 'requests' ? 'RPM' : 'TPM';
  const reset = `${retryAfterSeconds ?? 1}s`;
  return new Rejection(
    429,
    {
      message: `Rate limit reached for ${model} on ${dimension} per min (${unit}): Limit 60. Please try again in ${reset}.`,
      type: dimension,
      code: 'rate_limit_exceeded',
    },
    {
      [`x-ratelimit-limit-${dimension}`]: '60',
      [`x-ratelimit-remaining-${dimension}`]: '0',
      [`x-ratelimit-reset-${dimension}`]: reset,
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
  );
}

function contentFilter({ code = 'content_filter' }: FaultOf<'content-filter'>): Rejection {
  const message =
    code === 'content_filter'
      ? 'The response was filtered because the prompt triggered the content management policy.'
      : 'Your request was rejected by the safety system.';
  return new Rejection(400, { message, param: code === 'content_filter' ? 'prompt' : null, code });
}
