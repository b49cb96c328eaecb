import { describe, expect, test } from 'vitest';
import { pathForAnotherHost, queryForAnotherHost } from '../../../packages/client/src/request/query.js';

describe('to another host goes', () => {
  test.each([
    [{ page: 1, key: 'secret' }, { page: 1 }],
    [{ filter: { from: 'a', token: 'secret' } }, { filter: { from: 'a' } }],
    [{ list: ['a', { auth: 'secret', b: 1 }] }, { list: ['a', { b: 1 }] }],
    [undefined, undefined],
    [null, null],
  ])('of the query %j only %j', (query, expected) => {
    expect(queryForAnotherHost(query)).toEqual(expected);
  });

  test.each([
    ['/files', '/files'],
    ['/files?purpose=batch', '/files?purpose=batch'],
    ['/files?key=secret&purpose=batch', '/files?purpose=batch'],
    ['/files?key=secret', '/files'],
  ])('of the path %s only %s', (path, expected) => {
    expect(pathForAnotherHost(path)).toBe(expected);
  });
});
