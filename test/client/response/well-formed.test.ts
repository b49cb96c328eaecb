import { describe, expect, test } from 'vitest';
import { faultIn } from '../../../packages/client/src/response/well-formed.js';

const LONG = 'x'.repeat(70_000);

describe('an answer with status 200', () => {
  test.each([
    ['chat.completions', '{"choices":[{}]}', undefined],
    ['chat.completions', '{"choices":[]}', 'no choices'],
    ['chat.completions', '{"error":{"message":"500"}}', 'no choices'],
    ['chat.completions', '{"choices":{}}', 'no choices'],
    ['chat.completions', 'null', 'no choices'],
    ['chat.completions', '', 'an empty body'],
    ['chat.completions', ' \n ', 'an empty body'],
    ['chat.completions', '<!doctype html>', 'not JSON'],
    ['chat.completions', '{"choices":[{}', 'not JSON'],
    ['completions', '{"choices":[]}', 'no choices'],
    ['responses', '{"output":[]}', undefined],
    ['responses', '{"choices":[]}', 'no output'],
    ['embeddings', '{"data":[]}', undefined],
    ['embeddings', '{}', 'no data'],
    ['images', '{}', 'no data'],
    ['moderations', '{"results":[]}', undefined],
    ['moderations', '[]', 'no results'],
    ['audio.text', '{"text":"a"}', undefined],
    ['audio.text', '"', 'not JSON'],
    [undefined, '{}', undefined],
    [undefined, '[1]', undefined],
  ] as const)('of %s that is %j has this fault: %s', (resource, text, fault) => {
    expect(faultIn(text, resource)).toBe(fault);
  });

  test('that is long is looked at from both ends', () => {
    expect(faultIn(` {"choices":["${LONG}"]}\n`, 'chat.completions')).toBeUndefined();
    expect(faultIn(`{"choices":["${LONG}`, 'chat.completions')).toBe('not whole JSON');
    expect(faultIn(`<html>${LONG}</html>`, 'embeddings')).toBe('not whole JSON');
  });
});
