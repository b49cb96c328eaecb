import { describe, expect, test } from 'vitest';
import { headersForAnotherHost, setKey, withoutKey } from '../../../packages/client/src/request/headers.js';

describe('to another host go', () => {
  test('the headers that the official client always sends, and the ones of this request, but no secret', () => {
    const built = new Headers({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'OpenAI/JS',
      'x-stainless-lang': 'js',
      'idempotency-key': 'i',
      authorization: 'Bearer secret',
      'api-key': 'secret',
      'openai-organization': 'secret',
      'openai-project': 'secret',
      cookie: 'secret',
      'x-team': 'secret',
    });
    const given = {
      'X-Trace': 'mine',
      Authorization: 'secret',
      'X-Api-Key': 'secret',
      'X-Auth-Token': 'secret',
      Gone: null,
    };
    const headers = headersForAnotherHost(built, given);
    expect(Object.fromEntries(headers)).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'OpenAI/JS',
      'x-stainless-lang': 'js',
      'idempotency-key': 'i',
      'x-trace': 'mine',
    });
  });

  test.each([
    ['an object', { 'X-Trace': 'mine', 'X-Number': 7 }],
    ['Headers', new Headers({ 'X-Trace': 'mine', 'X-Number': '7' })],
    [
      'pairs',
      [
        ['X-Trace', 'mine'],
        ['X-Number', '7'],
      ],
    ],
    [
      "the official client's own form",
      { values: new Headers({ 'X-Trace': 'mine', 'X-Number': '7' }), nulls: new Set() },
    ],
  ])('headers given as %s', (_form, given) => {
    expect(Object.fromEntries(headersForAnotherHost(new Headers(), given))).toEqual({
      'x-trace': 'mine',
      'x-number': '7',
    });
  });

  // A header in several parts was dropped on the way to another host; the official client joins them.
  test.each([
    ['a list', { 'X-Tags': ['p', 'q'], 'X-None': [], 'X-Api-Key': ['secret'] }],
    [
      'several pairs',
      [
        ['X-Tags', 'p'],
        ['X-Tags', 'q'],
      ],
    ],
  ])('a header given as %s', (_form, given) => {
    const built = new Headers({ 'x-tags': 'built' });
    expect(Object.fromEntries(headersForAnotherHost(built, given))).toEqual({ 'x-tags': 'p, q' });
  });

  test.each([undefined, null, 7, 'text'])('none for %o', (given) => {
    expect([...headersForAnotherHost(new Headers(), given)]).toEqual([]);
  });
});

test('a new key takes away what belonged to the one before', () => {
  const old = {
    authorization: 'a',
    'api-key': 'b',
    'x-api-key': 'c',
    'openai-organization': 'd',
    'openai-project': 'e',
  };
  const headers = new Headers({ ...old, 'x-other': 'f' });
  setKey(withoutKey(headers), 'sk-new');
  expect(Object.fromEntries(headers)).toEqual({ authorization: 'Bearer sk-new', 'x-other': 'f' });
});
