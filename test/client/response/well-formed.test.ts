import { describe, expect, test } from 'vitest';
import { lookThrough } from '../../../packages/client/src/response/well-formed.js';

const faultIn = (...asked: Parameters<typeof lookThrough>) => lookThrough(...asked).fault;

const LONG = 'x'.repeat(1_100_000);

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
    ['embeddings', '{"data":[]}', 'no data'],
    ['embeddings', '{}', 'no data'],
    ['images', '{}', 'no data'],
    ['images', '{"data":[]}', undefined],
    ['moderations', '{"results":[]}', 'no results'],
    ['moderations', '[]', 'no results'],
    ['audio.text', '{"text":"a"}', undefined],
    ['audio.text', '"', 'not JSON'],
    [undefined, '{}', undefined],
    [undefined, '[1]', undefined],
  ] as const)('of %s that is %j has this fault: %s', (resource, text, fault) => {
    expect(faultIn(text, resource)).toBe(fault);
  });

  // The beginning and the end looked right, and half an answer was handed to the caller as a whole one, who then could not read it.
  test('is not believed for its looks, wherever it was cut', () => {
    const whole = JSON.stringify({ id: 'x'.repeat(300), choices: [{ message: { content: 'a } b ] c' } }], usage: {} });
    for (let length = 1; length < whole.length; length += 1) {
      expect(faultIn(whole.slice(0, length), 'chat.completions')).toBe('not JSON');
    }
    expect(faultIn(whole + whole, 'chat.completions')).toBe('not JSON');
    expect(faultIn(`${whole.slice(0, 320)}}`, 'chat.completions')).toBe('not JSON');
  });

  test('is parsed once: what it says goes along', () => {
    expect(lookThrough('{"choices":[{"index":0}]}', 'chat.completions').parsed).toEqual({ choices: [{ index: 0 }] });
    expect(lookThrough('{"choices":[]}', 'chat.completions').parsed).toBeUndefined();
    expect(lookThrough('[1]', undefined).parsed).toBeUndefined();
  });

  test('that is long is looked at from both ends', () => {
    expect(faultIn(` {"choices":["${LONG}"]}\n`, 'chat.completions')).toBeUndefined();
    expect(faultIn(`{"choices":["${LONG}`, 'chat.completions')).toBe('not whole JSON');
    expect(faultIn(`<html>${LONG}</html>`, 'embeddings')).toBe('not whole JSON');
  });
});
