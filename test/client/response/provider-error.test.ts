import { describe, expect, test } from 'vitest';
import { errorIn, rawErrorIn, readError } from '../../../packages/client/src/response/provider-error.js';

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('an error is found in', () => {
  test.each<[unknown, object]>([
    [{ error: { code: 'a', type: 'b', message: 'c', param: 'd' } }, { code: 'a', type: 'b', message: 'c', param: 'd' }],
    [{ code: 'a' }, { code: 'a' }],
    [{ error: 'only text' }, { message: 'only text' }],
    [{ error: { code: 7, message: null } }, {}],
    [{ error: { code: 429 } }, { status: 429 }],
    [{ error: { code: '404' } }, { code: '404', status: 404 }],
    [{ error: { code: 'x', status: 503 } }, { code: 'x', status: 503 }],
    [{ error: { code: 200 } }, {}],
    [{ error: null }, {}],
    [{ error: { code: 'None', type: '', param: 'null', message: 'a' } }, { message: 'a' }],
    [[{ error: { code: 'a' } }], { code: 'a' }],
    [[{ error: { code: 'a' } }, { error: { code: 'b' } }], {}],
    [{ error: { metadata: { reasons: ['violence'] } } }, { isFlagged: true }],
    [{ error: { details: [null, 'x', { reason: 'A' }, { retryDelay: '38s' }] } }, { reason: 'A', retryDelay: '38s' }],
    [{ error: { details: 'none', code: 'a' } }, { code: 'a' }],
    [{ error: { details: [{ reason: 7 }] } }, {}],
    ['text', {}],
    [null, {}],
    [undefined, {}],
  ])('%o', (parsed, expected) => {
    expect(plain(errorIn(parsed))).toEqual(expected);
  });

  test.each(['[]', '7', 'null'])('no body like %j', (body) => {
    expect(plain(readError(body))).toEqual({});
  });

  test.each(['', '<html>', '{"error"'])('no body that is no JSON, such as %j', (body) => {
    expect(plain(readError(body))).toEqual({ isUnreadable: true });
  });
});

test('the error as it was written is what stands under `error`, else the whole', () => {
  const error = { code: 'a', more: { of: 'it' } };
  expect(rawErrorIn({ error })).toBe(error);
  expect(rawErrorIn({ error: 'text' })).toBe('text');
  expect(rawErrorIn(error)).toBe(error);
  expect(rawErrorIn('text')).toBeUndefined();
});
