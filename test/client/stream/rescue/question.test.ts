import { describe, expect, test } from 'vitest';
import type { Delivered } from '../../../../packages/client/src/stream/rescue/answer.js';
import { lastWords } from '../../../../packages/client/src/stream/rescue/last-words.js';
import { isFull, obstacleInParams, questionFor } from '../../../../packages/client/src/stream/rescue/question.js';

const TEXT = 'The harbour lies quiet in the evening. A gull cries';
const delivered: Delivered = { resource: 'chat.completions', text: TEXT, common: {}, tokens: 10, leastTokens: 10 };
const USER = { role: 'user', content: 'x' };
const PARAMS = { model: 'm', messages: [USER], temperature: 0 };

describe('somebody else is asked to go on', () => {
  test('in a turn of the user’s that quotes the last words', () => {
    const { params, anchor, unshown } = questionFor(PARAMS, delivered, { form: 'instruction' });
    expect(anchor).toBe('quiet in the evening. A gull cries');
    expect(unshown).toBeUndefined();
    expect(params).toEqual({
      ...PARAMS,
      messages: [
        USER,
        { role: 'assistant', content: TEXT },
        { role: 'user', content: expect.stringContaining(JSON.stringify(anchor)) },
      ],
    });
  });

  test.each([
    ['plain', {}, {}],
    ['prefix', { prefix: true }, {}],
    ['continue_final_message', {}, { continue_final_message: true, add_generation_prompt: false }],
  ] as const)('with the text as its last turn, %s', (prefill, turn, more) => {
    expect(questionFor(PARAMS, delivered, { form: 'prefill', prefill })).toEqual({
      params: { ...PARAMS, ...more, messages: [USER, { role: 'assistant', content: TEXT, ...turn }] },
      anchor: undefined,
      unshown: '',
    });
  });

  // "final assistant content cannot end with trailing whitespace": every answer that broke off between two words was refused once, and
  // its target was never asked like that again.
  test('with a last turn that does not end with white space', () => {
    const { params, unshown } = questionFor(PARAMS, { ...delivered, text: 'one \n' }, { form: 'prefill' });
    expect(params).toMatchObject({ messages: [USER, { content: 'one' }] });
    expect(unshown).toBe(' \n');
  });

  // Two turns of the assistant's in a row are refused, or taken for two answers.
  test.each(['prefill', 'instruction'] as const)(
    'where the caller has begun the answer, in one turn with that (%s)',
    (form) => {
      const begun = { role: 'assistant', content: 'Well: ' };
      const { params } = questionFor({ ...PARAMS, messages: [USER, begun] }, delivered, { form });
      const { messages } = params as { messages: readonly object[] };
      expect(messages[1]).toEqual({ role: 'assistant', content: `Well: ${TEXT}` });
      expect(messages.length).toBe(form === 'prefill' ? 2 : 3);
    },
  );

  test('with the text at the end of a completion’s prompt', () => {
    const { params, anchor } = questionFor({ prompt: 'Q: ', max_tokens: 100 }, delivered, { form: 'prompt' });
    expect({ params, anchor }).toEqual({ params: { prompt: `Q: ${TEXT}`, max_tokens: 90 }, anchor: undefined });
  });

  test('and nothing of what was asked is written into', () => {
    const params = Object.freeze({ ...PARAMS, messages: Object.freeze([Object.freeze(USER)]), max_tokens: 50 });
    for (const form of ['prefill', 'instruction'] as const) questionFor(params, delivered, { form });
    expect(params.max_tokens).toBe(50);
  });
});

describe('the longest answer', () => {
  test.each(['max_tokens', 'max_completion_tokens'])('is shorter by what was delivered (%s)', (name) => {
    expect(questionFor({ ...PARAMS, [name]: 100 }, delivered, { form: 'prefill' }).params[name]).toBe(90);
    expect(questionFor({ ...PARAMS, [name]: 12 }, delivered, { form: 'prefill' }).params[name]).toBe(2);
    expect(questionFor({ ...PARAMS, [name]: 5 }, delivered, { form: 'prefill' }).params[name]).toBe(1);
  });

  // Sixteen tokens were asked for however few were left: twelve that were wanted came back as twenty-eight.
  test('is there when as much as was wanted has surely been delivered', () => {
    expect(isFull({ max_tokens: 10 }, delivered)).toBe(true);
    expect(isFull({ max_completion_tokens: 11 }, delivered)).toBe(false);
    // An estimate may be too high.
    expect(isFull({ max_tokens: 10 }, { ...delivered, leastTokens: 2 })).toBe(false);
    expect(isFull({ max_tokens: null }, delivered)).toBe(false);
  });

  // The words that it was told to repeat used up what was left: an answer near its limit came back with nothing new in it.
  test('has room for the words that are to be repeated', () => {
    const { params } = questionFor({ ...PARAMS, max_tokens: 12 }, delivered, { form: 'instruction' });
    expect(params.max_tokens).toBe(2 + 8);
  });

  test('is none where none was wanted', () => {
    expect(questionFor({ ...PARAMS, max_tokens: null }, delivered, { form: 'prefill' }).params.max_tokens).toBeNull();
    expect(questionFor(PARAMS, delivered, { form: 'prefill' }).params).not.toHaveProperty('max_tokens');
  });
});

describe('the last words', () => {
  test.each<[string, string, string]>([
    ['a short text', ' one two', 'one two'],
    ['from the beginning of a word', TEXT, 'quiet in the evening. A gull cries'],
    [
      'with the white space behind them',
      'The harbour lies quiet in the evening.\n\n',
      'harbour lies quiet in the evening.\n\n',
    ],
    // Without spaces the last word was the whole answer, which the next one was to repeat.
    ['of a text without spaces', '港'.repeat(500), '港'.repeat(32)],
    ['of one word', 'x'.repeat(500), 'x'.repeat(32)],
    ['of pairs', '👍'.repeat(100), '👍'.repeat(16)],
    ['of joined characters', `${'a'.repeat(100)}👩‍👩‍👧${'b'.repeat(30)}`, `👩‍👩‍👧${'b'.repeat(30)}`],
    ['of accents', `${'e\u0301'.repeat(50)}x`, `${'e\u0301'.repeat(16)}x`],
  ])('%s', (_what, text, words) => {
    expect(lastWords(text)).toBe(words);
  });

  // A search from every place of a word to its end took minutes for the megabyte of a picture.
  test('are found at once behind a very long word', () => {
    const startedAt = performance.now();
    expect(lastWords(`${'x'.repeat(500_000)} ${TEXT}`)).toBe(lastWords(TEXT));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('a request cannot be gone on with', () => {
  test.each<[object, RegExp]>([
    [{ n: 2 }, /several choices/],
    [{ logprobs: true }, /log probabilities/],
    [{ response_format: { type: 'json_object' } }, /structured output/],
    [{ response_format: { type: 'json_schema' } }, /structured output/],
    [{ modalities: ['text', 'audio'] }, /more than text/],
    [{ tools: [{}], tool_choice: 'required' }, /tool call/],
  ])('with %j', (more, because) => {
    expect(obstacleInParams({ ...PARAMS, ...more }, 'instruction')).toMatch(because);
  });

  test.each<[object, RegExp]>([
    [{ best_of: 2 }, /best of several/],
    [{ prompt: ['a', 'b'] }, /one text/],
    [{ echo: true }, /more than what follows/],
    [{ suffix: 'x' }, /more than what follows/],
    [{ logprobs: 0 }, /log probabilities/],
  ])('as a completion with %j', (more, because) => {
    expect(obstacleInParams({ prompt: 'x', ...more }, 'prompt')).toMatch(because);
  });

  test.each([
    [{}],
    [
      {
        n: 1,
        logprobs: false,
        response_format: { type: 'text' },
        modalities: ['text'],
        tools: [{}],
        tool_choice: 'auto',
      },
    ],
    [{ n: null, response_format: null, modalities: null }],
  ])('but it can with %j', (more) => {
    expect(obstacleInParams({ ...PARAMS, ...more }, 'instruction')).toBeUndefined();
    expect(obstacleInParams({ prompt: 'x' }, 'prompt')).toBeUndefined();
  });

  test('whose params are not known', () => {
    for (const params of [undefined, null, 'text'])
      expect(obstacleInParams(params, 'instruction')).toMatch(/not known/);
  });
});
