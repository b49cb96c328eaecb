import { cannedReplies, OptionsError, type RequestView } from 'breakwater';
import { describe, expect, test } from 'vitest';

const rules = [
  { when: 'refund', reply: 'money' },
  { when: ['opening', /\bopen\b/gi], reply: 'hours' },
  { when: /^hi/y, reply: 'hello' },
];

const ask = (params: unknown, otherwise?: string) =>
  cannedReplies(rules, otherwise)(new Error('down'), { params } as RequestView);

const user = (content: unknown) => ({
  messages: [
    { role: 'system', content: 'refund' },
    { role: 'user', content },
  ],
});

describe('canned replies', () => {
  test.each<[string, unknown, string | undefined]>([
    ['by a word, upper and lower case being the same', user('My REFUND, please'), 'money'],
    ['by one of several marks', user('Are you open?'), 'hours'],
    ['by the first rule that fits', user('open a refund'), 'money'],
    ['by a sticky pattern', user('hi there'), 'hello'],
    [
      'by the last thing the user said',
      { messages: [...user('refund').messages, { role: 'user', content: 'x' }] },
      undefined,
    ],
    ['by the parts of a message', user([{ type: 'image_url' }, { type: 'text', text: 'a refund' }]), 'money'],
    ['by the input of a response', { input: 'refund' }, 'money'],
    [
      'by the turns of a response',
      { input: [{ role: 'user', content: [{ type: 'input_text', text: 'refund' }] }] },
      'money',
    ],
    ['by a prompt', { prompt: 'refund' }, 'money'],
    ['by several prompts', { prompt: ['x', 'refund'] }, 'money'],
    ['not by what the system said', user('x'), undefined],
    ['not at all without params', undefined, undefined],
  ])('are found %s', (_how, params, reply) => {
    expect(ask(params)).toBe(reply);
  });

  test('are the same the second time, though patterns remember where they stopped', () => {
    const find = cannedReplies(rules);
    const request = { params: user('Are you open? open!') } as RequestView;
    const answers = [1, 2, 3].map(() => find(new Error('down'), request));
    expect(answers).toEqual(['hours', 'hours', 'hours']);
  });

  test('have one for everything else', () => {
    expect(ask(user('x'), 'later')).toBe('later');
  });

  test('say what is wrong with their rules, all at once', () => {
    const make = () =>
      cannedReplies([
        { when: 7, reply: 'a' },
        { when: '', replay: 'b' },
      ] as never);
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(/rules\[0\]\.when must be a word, a pattern, or a list of them, but is 7/);
    expect(make).toThrow(/rules\[1\]\.reply is required/);
    expect(make).toThrow(/rules\[1\]\.replay is not an option; did you mean rules\[1\]\.reply\?/);
  });

  // A rule without a word fits nothing: its reply was never given, and nobody was told.
  test('refuse a rule without a single word', () => {
    expect(() => cannedReplies([{ when: [], reply: 'a' }])).toThrow(
      'rules[0].when must name at least one word or pattern, but is an empty list',
    );
  });
});
