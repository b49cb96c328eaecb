import { describe, expect, test } from 'vitest';
import { continuable } from '../../../../packages/client/src/stream/rescue/answer.js';

const HEAD = { id: 'chat-1', object: 'chat.completion.chunk', created: 7, model: 'm', service_tier: 'default' };
const delta = (fields: object, more: object = {}) => ({ ...HEAD, choices: [{ index: 0, delta: fields, ...more }] });

describe('what was delivered can be gone on with', () => {
  test('as a text, with what its events have in common', () => {
    const events = [
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'one ' }),
      delta({ content: null, refusal: null, tool_calls: [] }),
      delta({ content: 'two' }, { logprobs: null, finish_reason: null }),
      { ...HEAD, choices: [], usage: { total_tokens: 3 } },
    ];
    expect(continuable(events, 'chat.completions')).toEqual({
      delivered: { resource: 'chat.completions', text: 'one two', common: HEAD, tokens: 2, leastTokens: 2 },
    });
  });

  test('as the text of a completion', () => {
    const events = [{ id: 'c', object: 'text_completion', choices: [{ index: 0, text: 'one' }] }];
    expect(continuable(events, 'completions')).toMatchObject({ delivered: { text: 'one', common: { id: 'c' } } });
  });

  // The whole rest of an answer of Azure's came under an empty id and an empty model.
  test('under the id of its own events, and not of one that tells of a filter', () => {
    const filter = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{}] };
    expect(continuable([filter, delta({ content: 'one' })], 'chat.completions')).toMatchObject({
      delivered: { common: HEAD },
    });
  });
});

describe('its tokens are counted', () => {
  const tokensOf = (events: readonly unknown[]) => {
    const found = continuable(events, 'chat.completions');
    return 'delivered' in found ? [found.delivered.tokens, found.delivered.leastTokens] : found;
  };

  test('by the events that brought text', () => {
    expect(tokensOf([delta({ content: '' }), delta({ content: 'one' }), delta({ content: ' two' })])).toEqual([2, 2]);
  });

  // A gateway that sends letter by letter had sent 52 events of a limit of 50 tokens, eleven of which had come: the cut answer was
  // finished with `length`, and nobody was asked to go on.
  test('by no more than their text where they are letters', () => {
    const letters = [...'The harbour lies quiet in the evening, and the gulls'].map((content) => delta({ content }));
    const [, leastTokens] = tokensOf(letters) as number[];
    expect(leastTokens).toBeLessThan(15);
  });

  // A thousand words in twenty events left nearly all of 1200 tokens for the rest of the answer, which became twice as long as was wanted.
  test('by their text where an event holds many', () => {
    const [tokens, leastTokens] = tokensOf(
      Array.from({ length: 20 }, () => delta({ content: 'word '.repeat(50) })),
    ) as number[];
    expect(tokens).toBeGreaterThan(900);
    expect(tokens).toBeLessThan(1_100);
    expect(leastTokens).toBe(20);
  });

  test('by what the stream tells with every event', () => {
    const told = (content: string, completion_tokens: number) => ({
      ...delta({ content }),
      usage: { completion_tokens },
    });
    expect(tokensOf([told('one two', 2), told(' three four', 4)])).toEqual([4, 4]);
  });
});

describe('what was delivered cannot be gone on with', () => {
  const WORD = delta({ content: 'one' });
  test.each<[string, readonly unknown[], RegExp]>([
    ['when nothing had come', [], /no text/],
    ['when nothing but a role had come', [delta({ role: 'assistant', content: '' })], /no text/],
    ['when nothing but white space had come', [delta({ content: '\n\n' })], /no text/],
    ['with a tool call', [WORD, delta({ tool_calls: [{ index: 0 }] })], /more than text \(tool_calls\)/],
    ['with a function call', [WORD, delta({ function_call: { name: 'f' } })], /more than text/],
    ['with a refusal', [delta({ refusal: 'No' })], /more than text \(refusal\)/],
    // Half of the answer was left out of what the next one was given.
    ['in parts', [WORD, delta({ content: [{ type: 'text', text: 'two' }] })], /its text comes in parts/],
    ['with audio', [WORD, delta({ audio: { id: 'a' } })], /more than text \(audio\)/],
    ['with log probabilities', [delta({ content: 'one' }, { logprobs: { content: [] } })], /log probabilities/],
    ['with a second choice', [WORD, { choices: [{ index: 1, delta: { content: 'x' } }] }], /several choices/],
    // More of it would be more than the answer.
    ['behind its finish', [WORD, delta({}, { finish_reason: 'stop' })], /come to its end/],
  ])('%s', (_when, events, because) => {
    const found = continuable(events, 'chat.completions');
    expect('because' in found && found.because).toMatch(because);
  });

  test.each(['responses', 'images', undefined] as const)('as an answer of %s', (resource) => {
    expect(continuable([WORD], resource)).toEqual({ because: expect.stringContaining('only chat completions') });
  });
});
