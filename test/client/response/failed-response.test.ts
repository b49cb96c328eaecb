import { APIError, BadRequestError } from 'openai';
import { expect, test } from 'vitest';
import { failureInAnswer } from '../../../packages/client/src/response/failed-response.js';

const answered = { status: 200, movable: true };
const headers = new Headers({ 'x-request-id': 'req_1' });
const read = (text: string) => failureInAnswer(text, { fault: undefined, resource: 'responses', answered, headers });
const readChat = (text: string) =>
  failureInAnswer(text, { fault: 'no choices', resource: 'chat.completions', answered, headers });

test.each<[string, object]>([
  ['server_error', { code: 'server_error' }],
  ['rate_limit', { code: 'rate_limit_exceeded' }],
  ['caller_error', { code: 'invalid_prompt' }],
  ['quota', { code: 'insufficient_quota' }],
  ['server_error', { code: 'something new' }],
])('a whole response that failed means %s by %o', (kind, error) => {
  expect(read(JSON.stringify({ status: 'failed', error, output: [] }))).toMatchObject({ kind, status: 200 });
});

test('it names the code, and says nothing else of the body', () => {
  const error = { code: 'rate_limit_exceeded', message: 'You said: secret. Try again in 2s.' };
  const failure = read(JSON.stringify({ status: 'failed', error, output: [] }, null, 2));
  expect(failure).toEqual({
    kind: 'rate_limit',
    status: 200,
    code: 'rate_limit_exceeded',
    message: 'an error inside the answer (rate_limit_exceeded)',
    retryAfterMs: 2_000,
  });
});

test.each([
  '{"status":"completed","output":[]}',
  '{"status":"completed","output":[{"type":"mcp_call","status":"failed"}]}',
  '{"output":[{"text":"{\\"status\\":\\"failed\\"}"}]}',
  '{"status":"failed"',
  '"status":"failed"',
  '[{"status":"failed"}]',
])('no failure of the response: %s', (text) => {
  expect(read(text)).toBeUndefined();
});

// Gateways send the error of a provider with status 200: taken for a broken answer, one caller's mistakes opened the breaker for all.
test.each([
  ['caller_error', { code: 400, message: 'messages: too many' }],
  ['rate_limit', { code: 429 }],
  ['auth', { code: 'invalid_api_key' }],
])('an error in place of an answer means %s by %o', (kind, error) => {
  expect(readChat(JSON.stringify({ error }))).toMatchObject({ kind, status: 200 });
});

test('with it comes the error that the official client makes of such a refusal', () => {
  const error = { code: 400, message: 'too many', param: 'messages', metadata: { a: 1 } };
  const { cause } = readChat(JSON.stringify({ error })) ?? {};
  expect(cause).toBeInstanceOf(BadRequestError);
  expect(cause).toMatchObject({ status: 400, param: 'messages', error, message: '400 too many', requestID: 'req_1' });
  const named = readChat(JSON.stringify({ error: { code: 'invalid_api_key', message: 'no' } }))?.cause;
  expect(named).toBeInstanceOf(APIError);
  expect(named).toMatchObject({ status: undefined, code: 'invalid_api_key', message: 'no' });
});

test('without a word on whose fault it was it is no answer, and tells what it said', () => {
  const failure = readChat('{"error":{"message":"boom"}}');
  expect(failure).toMatchObject({ kind: 'malformed', status: 200 });
  expect(failure?.cause).toMatchObject({ message: 'boom' });
});

test.each(['{"error":null}', '{"choices":[]}', '{"error":{"code":400}'])('no error: %s', (text) => {
  expect(readChat(text)).toBeUndefined();
});
