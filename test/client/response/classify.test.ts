import { describe, expect, test } from 'vitest';
import {
  classifyRefusal,
  classifyStreamError,
  classifyThrown,
} from '../../../packages/client/src/response/classify.js';
import { errorIn } from '../../../packages/client/src/response/provider-error.js';

interface Case {
  readonly status: number;
  readonly error?: object;
  readonly headers?: Record<string, string>;
  readonly movable?: boolean;
  readonly body?: string;
}

const refusal = ({ status, error, headers = {}, movable = true, body }: Case) =>
  classifyRefusal({ status, headers: new Headers(headers), body: body ?? JSON.stringify({ error }), movable, wall: 0 });

/** OpenAI's words, and Groq's. */
const TOO_LARGE =
  'Request too large for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 50000. The input or output tokens must be reduced in order to run successfully.';

describe('a refusal means', () => {
  test.each<[string, Case]>([
    ['auth', { status: 401 }],
    ['auth', { status: 403 }],
    ['quota', { status: 402 }],
    ['rate_limit', { status: 429 }],
    ['rate_limit', { status: 429, error: { code: 'rate_limit_exceeded' } }],
    ['rate_limit', { status: 429, headers: { 'retry-after': '600' } }],
    ['rate_limit', { status: 429, headers: { 'retry-after': '86400' } }],
    ['rate_limit', { status: 429, error: { message: 'tokens per day (TPD): … Please try again in 24m32.3s.' } }],
    ['not_served', { status: 429, error: { message: TOO_LARGE } }],
    ['caller_error', { status: 429, error: { message: TOO_LARGE }, movable: false }],
    ['not_served', { status: 413, error: { message: TOO_LARGE } }],
    ['caller_error', { status: 413, error: { message: 'Request exceeds the maximum size' } }],
    ['not_served', { status: 429, error: { message: 'TPM: Limit 6,000, Used 0, Requested 6,001.' } }],
    [
      'rate_limit',
      { status: 429, error: { message: 'on tokens per min (TPM): Limit 10000, Used 9000, Requested 3000.' } },
    ],
    ['quota', { status: 429, error: { code: 'insufficient_quota' } }],
    ['quota', { status: 429, error: { type: 'insufficient_quota' } }],
    ['quota', { status: 429, error: { code: 'billing_hard_limit_reached' } }],
    ['quota', { status: 429, error: { code: 'billing_not_active' } }],
    ['quota', { status: 429, error: { code: 'credit_balance_exhausted' } }],
    ['quota', { status: 429, error: { code: 'usage_limit_reached' } }],
    ['quota', { status: 429, error: { code: 'quota_exceeded' } }],
    ['quota', { status: 429, error: { code: 'access_terminated' } }],
    ['not_served', { status: 404 }],
    ['caller_error', { status: 404, movable: false }],
    ['request_timeout', { status: 408 }],
    ['conflict', { status: 409 }],
    ['overloaded', { status: 498, error: { code: 'capacity_exceeded' } }],
    ['conflict', { status: 425 }],
    ['overloaded', { status: 503 }],
    ['overloaded', { status: 529 }],
    ['server_error', { status: 500 }],
    ['server_error', { status: 502 }],
    ['server_error', { status: 504 }],
    ['server_error', { status: 520 }],
    ['caller_error', { status: 400 }],
    ['caller_error', { status: 405 }],
    ['caller_error', { status: 413 }],
    ['caller_error', { status: 415 }],
    ['caller_error', { status: 422 }],
    ['caller_error', { status: 418 }],
    ['context_window', { status: 400, error: { code: 'context_length_exceeded' } }],
    ['context_window', { status: 400, error: { message: "This model's maximum context length is 10 tokens." } }],
    ['context_window', { status: 413, error: { message: 'prompt is too long: 200001 tokens' } }],
    ['content_policy', { status: 400, error: { code: 'content_filter' } }],
    ['content_policy', { status: 400, error: { code: 'content_policy_violation' } }],
    ['server_error', { status: 500, body: '<html>' }],
    ['auth', { status: 401, body: '' }],
    ['overloaded', { status: 503, body: 'null' }],
  ])('%s for %o', (kind, given) => {
    expect(refusal(given).kind).toBe(kind);
  });

  test('has its status and its code in the message, and nothing else of the body', () => {
    const failure = refusal({ status: 429, error: { code: 'rate_limit_exceeded', message: 'You said: secret' } });
    expect(failure).toMatchObject({
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'HTTP 429 rate_limit_exceeded',
    });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  test('says when to come back and whether to come back', () => {
    expect(refusal({ status: 503, headers: { 'retry-after': '2', 'x-should-retry': 'true' } })).toMatchObject({
      retryAfterMs: 2_000,
      repeatable: true,
    });
    expect(refusal({ status: 500, headers: { 'x-should-retry': 'false' } }).repeatable).toBe(false);
    expect('repeatable' in refusal({ status: 500, headers: { 'x-should-retry': 'maybe' } })).toBe(false);
    expect('retryAfterMs' in refusal({ status: 500 })).toBe(false);
  });
});

// A key that was used up until tomorrow was asked again after ten minutes, whatever its provider had said.
test.each<[string, number, Case]>([
  ['rate_limit', 3_600_000, { status: 429 }],
  ['quota', 3_600_000, { status: 429, error: { code: 'insufficient_quota' } }],
  ['quota', 3_600_000, { status: 402 }],
  ['auth', 3_600_000, { status: 401 }],
  ['not_found', 3_600_000, { status: 404, error: { code: 'model_not_found' } }],
  ['overloaded', 600_000, { status: 503 }],
  ['server_error', 600_000, { status: 500 }],
])('of %s that asks for an hour, %i ms are believed: %o', (kind, retryAfterMs, given) => {
  expect(refusal({ ...given, headers: { 'retry-after': '3600' } })).toMatchObject({ kind, retryAfterMs });
});

describe('a 404 is about', () => {
  /** As providers write them. */
  test.each<[string, string, object]>([
    ['the model', 'not_found', { code: 'model_not_found', message: 'The model `x` does not exist or …', param: null }],
    ['the model', 'not_found', { code: 'DeploymentNotFound', message: 'The API deployment … does not exist.' }],
    ['the model', 'not_found', { code: 404, type: 'NotFoundError', message: 'The model `x` does not exist.' }],
    ['the model', 'not_found', { message: 'models/x is not found for API version v1beta, or …', status: 'NOT_FOUND' }],
    ['the model', 'not_found', { message: 'model "x" not found, try pulling it first', type: 'not_found_error' }],
    ['the model', 'not_found', { message: 'model: x', type: 'not_found_error' }],
    ['the model', 'not_found', { message: 'Not found the model x or Permission denied' }],
    ['the model', 'not_found', { message: "Model with id 'x' not found." }],
    ['an item', 'caller_error', { message: "Item with id 'rs_1' not found. Items are not …", param: 'input' }],
    ['an item', 'caller_error', { message: "Item with id 'rs_1' not found.", type: 'invalid_request_error' }],
    ['an item', 'caller_error', { message: 'No such File object: file-1', param: 'id' }],
    ['an item', 'caller_error', { message: 'it is not there', param: 'input[0].id' }],
    ['an address', 'not_served', { message: 'Invalid URL (POST /v1/responses)', type: 'invalid_request_error' }],
    ['an address', 'not_served', { message: 'Resource not found', code: '404' }],
    // A model of another kind: it is there, but not at this address.
    ['an address', 'not_served', { message: 'This is not a chat model. Did you mean v1/completions?', param: 'model' }],
  ])('%s: %s for %o', (_what, kind, error) => {
    expect(refusal({ status: 404, error }).kind).toBe(kind);
    expect(refusal({ status: 404, error, movable: false }).kind).toBe('caller_error');
  });

  test.each(['', '<html>404 not found</html>', 'null'])('an address: %j', (body) => {
    expect(refusal({ status: 404, body }).kind).toBe('not_served');
  });

  // LiteLLM writes Python's None as a text: taken for a field of the request, it ended the call at the first target.
  test.each([{ param: 'None', type: 'None' }, { param: '' }, { param: 'null' }, { param: 'messages' }])(
    'the deployment that its message names, with %o',
    (more) => {
      const message = 'litellm.NotFoundError: AzureException - The API deployment for this resource does not exist.';
      expect(refusal({ status: 404, error: { message, code: '404', ...more } }).kind).toBe('not_found');
    },
  );

  test('the model, where the error stands in an array of its own', () => {
    const body = JSON.stringify([{ error: { code: 404, message: 'models/x is not found for API version v1main' } }]);
    expect(refusal({ status: 404, body }).kind).toBe('not_found');
  });
});

// Several providers say with a 400 that they do not have the model: the caller was shown it, and no other endpoint was asked.
describe('a 400 is about the model', () => {
  test.each([
    { code: 'model_not_found', param: 'model' },
    { message: 'm1 is not a valid model ID', code: 400 },
    { message: 'Invalid model: m1', type: 'invalid_model', code: '1500' },
    { message: 'Model Not Exist', type: 'invalid_request_error', code: 'invalid_request_error' },
    { message: '/chat/completions: Invalid model name passed in model=m1. Call `/v1/models` to view …' },
    { message: "The model 'm1' does not exist" },
  ])('%o', (error) => {
    expect(refusal({ status: 400, error }).kind).toBe('not_found');
    expect(refusal({ status: 400, error, movable: false }).kind).toBe('caller_error');
  });

  test.each([
    'The model m1 does not support images; the file at this address was not found',
    'Invalid model parameter: temperature',
    'm1 is a model that is not valid here',
  ])('but not: %s', (message) => {
    expect(refusal({ status: 400, error: { message } }).kind).toBe('caller_error');
  });
});

// One caller's flagged prompt, or one model that the project may not use, closed the whole key to everybody.
describe('a 403 is not about the key', () => {
  test.each<[string, object]>([
    ['not_found', { code: 'model_not_found', message: 'Project `p` does not have access to model `m1`' }],
    ['not_found', { message: 'Project `p` does not have access to model `m1`' }],
    ['content_policy', { code: 403, message: 'm1 requires moderation on X. Your input was flagged for "violence"' }],
    ['content_policy', { code: 403, message: 'no', metadata: { reasons: ['violence'], provider_name: 'OpenAI' } }],
  ])('%s: %o', (kind, error) => {
    expect(refusal({ status: 403, error }).kind).toBe(kind);
  });

  test('unless it says nothing of the kind', () => {
    expect(refusal({ status: 403, error: { message: 'Country not supported', metadata: { reasons: [] } } }).kind).toBe(
      'auth',
    );
  });
});

// Google answers a dead key with a 400.
describe('a 400 is about the key', () => {
  test.each([
    { message: 'API key not valid. Please pass a valid API key.', code: 400, status: 'INVALID_ARGUMENT' },
    { message: 'API key expired. Please renew the API key.', code: 400 },
    { message: 'no', details: [{ reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] },
  ])('%o', (error) => {
    expect(refusal({ status: 400, error }).kind).toBe('auth');
    expect(refusal({ status: 400, error, movable: false }).kind).toBe('caller_error');
  });

  test('but not where the key of a tool is', () => {
    const message = 'Error retrieving the tools of the server "files": API key not valid.';
    expect(refusal({ status: 400, error: { message } }).kind).toBe('caller_error');
  });
});

test("Google's word on when to come back is read from the error", () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '38s' }];
  const body = JSON.stringify([
    { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED', details } },
  ]);
  expect(refusal({ status: 429, body })).toMatchObject({ kind: 'rate_limit', retryAfterMs: 38_000 });
});

describe('an error inside a stream means', () => {
  const mean = (error: object, movable = true) =>
    classifyStreamError(errorIn({ error }), { status: 200, movable }).kind;

  test.each([
    ['quota', { code: 'insufficient_quota' }],
    ['rate_limit', { code: 'rate_limit_exceeded' }],
    ['rate_limit', { type: 'rate_limit_error' }],
    ['rate_limit', { code: 429, message: 'slow down' }],
    ['rate_limit', { code: '429' }],
    ['rate_limit', { status: 429 }],
    ['rate_limit', { code: 429, status: 'RESOURCE_EXHAUSTED' }],
    ['quota', { code: 429, type: 'insufficient_quota' }],
    ['quota', { code: 402 }],
    ['overloaded', { type: 'overloaded_error' }],
    ['overloaded', { code: 'server_overloaded' }],
    ['overloaded', { code: 503 }],
    ['server_error', { code: 500, type: 'InternalServerError' }],
    ['auth', { code: 'invalid_api_key', type: 'invalid_request_error' }],
    ['auth', { type: 'authentication_error' }],
    ['auth', { code: 401 }],
    ['not_found', { code: 'model_not_found', type: 'invalid_request_error' }],
    ['not_found', { code: 404, type: 'NotFoundError', message: 'The model `x` does not exist.' }],
    ['not_served', { type: 'not_found_error', message: 'nothing here' }],
    ['context_window', { code: 'context_length_exceeded' }],
    ['context_window', { code: 400, message: "This model's maximum context length is 10 tokens." }],
    ['content_policy', { code: 'content_filter' }],
    ['caller_error', { code: 400, type: 'BadRequestError' }],
    ['caller_error', { type: 'BadRequestError' }],
    ['caller_error', { code: 'invalid_value', type: 'invalid_request_error', param: 'messages' }],
    ['caller_error', { code: 'invalid_prompt' }],
    // The other codes of a response that failed.
    ['caller_error', { code: 'empty_image_file' }],
    ['caller_error', { code: 'failed_to_download_image' }],
    ['caller_error', { code: 'data_residency_mismatch' }],
    ['content_policy', { code: 'image_content_policy_violation' }],
    ['content_policy', { code: 'misalignment_policy_violation' }],
    ['content_policy', { code: 'bio_policy' }],
    ['stream_error_early', { code: 'vector_store_timeout' }],
    ['caller_error', { code: 422 }],
    ['stream_error_early', { code: 'server_error' }],
    ['stream_error_early', { code: 1234, message: 'a number of their own' }],
    ['stream_error_early', { type: 'api_error' }],
    ['stream_error_early', {}],
  ])('%s for %o', (kind, error) => {
    expect(mean(error)).toBe(kind);
  });

  test('a caller’s error where what was asked for is kept on one server', () => {
    expect(mean({ code: 404 }, false)).toBe('caller_error');
  });

  test('as long a wait as its words say', () => {
    const error = errorIn({ error: { code: 429, message: 'Please try again in 1.5s.' } });
    const failure = classifyStreamError(error, { status: 200, movable: true });
    expect(failure).toMatchObject({ retryAfterMs: 1_500, status: 200 });
  });

  test('a rate limit, however long they ask for', () => {
    const error = errorIn({ error: { code: 429, message: 'Please try again in 1h.' } });
    const failure = classifyStreamError(error, { status: 200, movable: true });
    expect(failure).toMatchObject({ kind: 'rate_limit', retryAfterMs: 3_600_000 });
  });
});

describe('what fetch threw means', () => {
  const coded = (code: string, message = 'failed') => Object.assign(new Error(message), { code });
  const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });

  test.each<[string, unknown]>([
    ['connect', fetchFailed(coded('ECONNREFUSED'))],
    ['connect', fetchFailed(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')], ''))],
    ['connect', fetchFailed(coded('ENOTFOUND'))],
    ['connect', fetchFailed(coded('EAI_AGAIN'))],
    ['connect', fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT'))],
    ['connect', fetchFailed(coded('CERT_HAS_EXPIRED'))],
    ['connect', fetchFailed(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'))],
    ['connect', coded('ConnectionRefused', 'Unable to connect.')],
    ['connect', new TypeError('error sending request: tcp connect error')],
    ['connect', fetchFailed(new Error('bad port'))],
    ['reset', fetchFailed(new Error('a bad port of call'))],
    ['attempt_timeout', fetchFailed(coded('UND_ERR_HEADERS_TIMEOUT'))],
    ['attempt_timeout', fetchFailed(coded('UND_ERR_BODY_TIMEOUT'))],
    ['reset', fetchFailed(coded('ECONNRESET'))],
    ['reset', new TypeError('terminated', { cause: coded('UND_ERR_SOCKET', 'other side closed') })],
    ['reset', new TypeError('fetch failed')],
    ['reset', 'a string'],
    ['reset', undefined],
  ])('%s for %o', (kind, thrown) => {
    const failure = classifyThrown(thrown);
    expect(failure.kind).toBe(kind);
    expect(failure.cause).toBe(thrown);
  });

  test('is told by its code and not by its words, which may hold an address with a key in it', () => {
    const failure = classifyThrown(fetchFailed(coded('ECONNREFUSED', 'https://user:secret@host')));
    expect(failure).toMatchObject({ code: 'ECONNREFUSED', message: 'could not connect (ECONNREFUSED)' });
  });

  // "The connection broke" was told of a connection that fetch will never make, and the mistake was looked for in the network.
  test.each([1, 9, 6666])('is told as it is where fetch itself refuses the port (%i)', async (port) => {
    const thrown = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    expect(classifyThrown(thrown)).toMatchObject({ kind: 'connect', message: 'could not connect (bad port)' });
  });

  test('a circle of causes is left', () => {
    const error = new Error('round');
    error.cause = error;
    expect(classifyThrown(error).kind).toBe('reset');
  });
});
