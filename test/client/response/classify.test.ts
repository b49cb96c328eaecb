import { describe, expect, test } from 'vitest';
import {
  classifyRefusal,
  classifyThrown,
  errorIn,
  kindOfStreamError,
  readError,
} from '../../../packages/client/src/response/classify.js';

interface Case {
  readonly status: number;
  readonly error?: object;
  readonly headers?: Record<string, string>;
  readonly movable?: boolean;
  readonly body?: string;
}

const refusal = ({ status, error, headers = {}, movable = true, body }: Case) =>
  classifyRefusal({ status, headers: new Headers(headers), body: body ?? JSON.stringify({ error }), movable, wall: 0 });

describe('a refusal means', () => {
  test.each<[string, Case]>([
    ['auth', { status: 401 }],
    ['auth', { status: 403 }],
    ['quota', { status: 402 }],
    ['rate_limit', { status: 429 }],
    ['rate_limit', { status: 429, error: { code: 'rate_limit_exceeded' } }],
    ['rate_limit', { status: 429, headers: { 'retry-after': '600' } }],
    ['quota', { status: 429, headers: { 'retry-after': '601' } }],
    ['quota', { status: 429, error: { code: 'insufficient_quota' } }],
    ['quota', { status: 429, error: { type: 'insufficient_quota' } }],
    ['quota', { status: 429, error: { code: 'billing_hard_limit_reached' } }],
    ['quota', { status: 429, error: { code: 'billing_not_active' } }],
    ['quota', { status: 429, error: { code: 'credit_balance_exhausted' } }],
    ['quota', { status: 429, error: { code: 'usage_limit_reached' } }],
    ['quota', { status: 429, error: { code: 'quota_exceeded' } }],
    ['quota', { status: 429, error: { code: 'access_terminated' } }],
    ['not_found', { status: 404 }],
    ['caller_error', { status: 404, movable: false }],
    ['request_timeout', { status: 408 }],
    ['conflict', { status: 409 }],
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

describe('an error inside a stream means', () => {
  test.each([
    ['quota', { code: 'insufficient_quota' }],
    ['rate_limit', { code: 'rate_limit_exceeded' }],
    ['rate_limit', { type: 'rate_limit_error' }],
    ['overloaded', { type: 'overloaded_error' }],
    ['overloaded', { code: 'server_overloaded' }],
    ['context_window', { code: 'context_length_exceeded' }],
    ['content_policy', { code: 'content_filter' }],
    ['stream_error_early', { code: 'server_error' }],
    ['stream_error_early', {}],
  ])('%s for %o', (kind, error) => {
    expect(kindOfStreamError(error)).toBe(kind);
  });
});

describe('an error is found in', () => {
  test.each<[unknown, object]>([
    [{ error: { code: 'a', type: 'b', message: 'c' } }, { code: 'a', type: 'b', message: 'c' }],
    [{ code: 'a' }, { code: 'a' }],
    [{ error: 'only text' }, { message: 'only text' }],
    [{ error: { code: 7, message: null } }, {}],
    [{ error: null }, {}],
    ['text', {}],
    [null, {}],
    [undefined, {}],
  ])('%o', (parsed, expected) => {
    const found = errorIn(parsed);
    expect(JSON.parse(JSON.stringify(found))).toEqual(expected);
  });

  test.each(['', '<html>', '{"error"', '[]', '7', 'null'])('no body like %j', (body) => {
    expect(JSON.parse(JSON.stringify(readError(body)))).toEqual({});
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

  test('a circle of causes is left', () => {
    const error = new Error('round');
    error.cause = error;
    expect(classifyThrown(error).kind).toBe('reset');
  });
});
