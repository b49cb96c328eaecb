import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usageOf } from '../../../packages/client/src/response/usage.js';

const used = (inputTokens: number, cachedInputTokens: number, outputTokens: number) => ({
  inputTokens,
  cachedInputTokens,
  outputTokens,
});

describe('what was used is read from', () => {
  test.each<[string, unknown, ReturnType<typeof used>]>([
    [
      'a chat',
      { usage: { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 } } },
      used(10, 8, 4),
    ],
    ['the last chunk of a chat', { choices: [], usage: { prompt_tokens: 10, completion_tokens: 4 } }, used(10, 0, 4)],
    ['a completion', { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }, used(3, 0, 2)],
    [
      'a response',
      { usage: { input_tokens: 10, output_tokens: 4, input_tokens_details: { cached_tokens: 8 } } },
      used(10, 8, 4),
    ],
    [
      'the event that completes a response',
      { type: 'response.completed', response: { usage: { input_tokens: 10, output_tokens: 4 } } },
      used(10, 0, 4),
    ],
    ['vectors', { data: [], usage: { prompt_tokens: 7, total_tokens: 7 } }, used(7, 0, 0)],
    [
      'pictures',
      { usage: { input_tokens: 50, output_tokens: 4_160, input_tokens_details: { image_tokens: 40 } } },
      used(50, 0, 4_160),
    ],
    ['a transcript', { text: '', usage: { type: 'tokens', input_tokens: 14, output_tokens: 45 } }, used(14, 0, 45)],
    ["a chunk of Groq's", { x_groq: { usage: { prompt_tokens: 3, completion_tokens: 2 } } }, used(3, 0, 2)],
    ['nothing at all', { usage: { prompt_tokens: 0, completion_tokens: 0 } }, used(0, 0, 0)],
    ['parts of tokens', { usage: { prompt_tokens: 2.5, completion_tokens: 1 } }, used(3, 0, 1)],
    [
      'a cache that is said to be larger than all',
      { usage: { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } } },
      used(3, 3, 1),
    ],
    [
      'a cache that cannot be read',
      { usage: { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: '2' } } },
      used(3, 0, 1),
    ],
    [
      'a cache of null',
      { usage: { prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: null } },
      used(3, 0, 1),
    ],
  ])('%s', (_what, answer, expected) => {
    expect(usageOf(answer)).toEqual(expected);
  });
});

describe('nothing is known of', () => {
  test.each<[string, unknown]>([
    ['no answer', undefined],
    ['null', null],
    ['a text', 'usage'],
    ['an answer without usage', { choices: [] }],
    ['a chunk before the last', { choices: [], usage: null }],
    ['a response that has just begun', { type: 'response.created', response: { usage: null } }],
    ['minutes instead of tokens', { usage: { type: 'duration', seconds: 9 } }],
    ['numbers as texts', { usage: { prompt_tokens: '10', completion_tokens: 4 } }],
    ['an output as text', { usage: { prompt_tokens: 10, completion_tokens: '4' } }],
    ['negative numbers', { usage: { prompt_tokens: -1, completion_tokens: 4 } }],
    ['no number', { usage: { prompt_tokens: Number.NaN, completion_tokens: 4 } }],
    ['an endless number', { usage: { input_tokens: 1, output_tokens: Number.POSITIVE_INFINITY } }],
  ])('%s', (_what, answer) => {
    expect(usageOf(answer)).toBeUndefined();
  });
});

test('whatever an answer is, what was used is whole and not negative, and no more was cached than went in', () => {
  const usage = fc.dictionary(
    fc.constantFrom('prompt_tokens', 'input_tokens', 'completion_tokens', 'output_tokens', 'prompt_tokens_details'),
    fc.oneof(fc.jsonValue(), fc.double(), fc.record({ cached_tokens: fc.oneof(fc.double(), fc.nat()) })),
  );
  const answer = fc.oneof(fc.jsonValue(), fc.record({ usage }), fc.record({ response: fc.record({ usage }) }));
  fc.assert(
    fc.property(answer, (parsed) => {
      const found = usageOf(parsed);
      if (!found) return;
      const { inputTokens, cachedInputTokens, outputTokens } = found;
      expect([inputTokens, cachedInputTokens, outputTokens].every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true);
      expect(cachedInputTokens).toBeLessThanOrEqual(inputTokens);
    }),
    { numRuns: 1_000 },
  );
});
