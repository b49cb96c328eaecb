import { describe, expect, test } from 'vitest';
import { BegunAnew } from '../../../../packages/client/src/stream/broken.js';
import type { Delivered } from '../../../../packages/client/src/stream/rescue/answer.js';
import { Continuation } from '../../../../packages/client/src/stream/rescue/continuation.js';
import { Seam } from '../../../../packages/client/src/stream/rescue/seam.js';

const COMMON = { id: 'first', object: 'chat.completion.chunk', model: 'm-1' };
const event = (fields: object) => `data: ${JSON.stringify({ id: 'other', model: 'm-2', created: 9, ...fields })}\n\n`;
const piece = (delta: object, finish: string | null = null) =>
  event({ choices: [{ index: 0, delta, finish_reason: finish }] });
const DONE = 'data: [DONE]\n\n';

interface Parts {
  readonly delivered?: Partial<Delivered>;
  readonly anchor?: string;
  readonly end?: Error;
}

/** What comes of a continuation whose stream comes in these pieces. */
async function rewritten(pieces: readonly string[], { delivered = {}, anchor, end }: Parts = {}): Promise<string> {
  const rest = [...pieces];
  const reader = {
    read: async () => {
      const value = rest.shift();
      if (value !== undefined) return { done: false, value };
      if (end) throw end;
      return { done: true };
    },
    cancel: async () => undefined,
  };
  const all: Delivered = {
    resource: 'chat.completions',
    text: 'one two',
    common: COMMON,
    tokens: 2,
    leastTokens: 2,
    ...delivered,
  };
  const seam = new Seam({ delivered: all.text, anchor });
  const continuation = new Continuation({ reader, delivered: all, seam, target: 'b/m' });
  let text = '';
  for (;;) {
    const { done, value } = await continuation.read();
    if (done) return text;
    text += Buffer.from(value as Uint8Array).toString();
  }
}

const parsed = (text: string) =>
  text
    .split('\n\n')
    .filter((one) => one.startsWith('data: {'))
    .map((one) => JSON.parse(one.slice('data: '.length)) as Record<string, unknown>);

describe('the rest of an answer from another target', () => {
  test('comes under the id and the model of the first, without a second role', async () => {
    const text = await rewritten([
      piece({ role: 'assistant', content: '' }),
      piece({ content: ' three' }),
      piece({}, 'stop'),
      DONE,
    ]);
    const choice = (delta: object, finish_reason: string | null) => [{ index: 0, delta, finish_reason }];
    expect(parsed(text)).toEqual([
      { ...COMMON, created: 9, choices: choice({ content: ' three' }, null) },
      { ...COMMON, created: 9, choices: choice({}, 'stop') },
    ]);
    expect(text.endsWith(DONE)).toBe(true);
  });

  test('comes without the words that it was told to repeat, however its bytes are cut', async () => {
    const whole =
      piece({ content: 'one' }) + piece({ content: ' two thr' }) + piece({ content: 'ee' }) + piece({}, 'stop');
    for (const size of [1, 7, 5_000]) {
      const text = await rewritten(whole.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [], { anchor: 'one two' });
      const said = parsed(text).map(
        ({ choices }) => (choices as { delta: { content?: string } }[])[0]?.delta.content ?? '',
      );
      expect(said.join('')).toBe(' three');
    }
  });

  test('as a completion keeps to its form', async () => {
    const text = (one: string, finish: string | null = null) =>
      event({ choices: [{ index: 0, text: one, finish_reason: finish }] });
    const rest = await rewritten([text(''), text(' three'), text('', 'stop'), DONE], {
      delivered: { resource: 'completions' },
    });
    expect(parsed(rest).map(({ choices }) => choices)).toEqual([
      [{ index: 0, text: ' three', finish_reason: null }],
      [{ index: 0, text: '', finish_reason: 'stop' }],
    ]);
  });

  // Held back until it was decided whether they were repeated, the last words were never passed on.
  test.each(['chat.completions', 'completions'] as const)(
    'is whole where it ends with its terminator alone (%s)',
    async (resource) => {
      const last =
        resource === 'completions' ? event({ choices: [{ index: 0, text: 'one t' }] }) : piece({ content: 'one t' });
      const text = await rewritten([last, DONE], { anchor: 'one two three', delivered: { resource } });
      const said = resource === 'completions' ? { text: ' one t' } : { delta: { content: ' one t' } };
      expect(parsed(text)).toEqual([{ ...COMMON, choices: [{ index: 0, ...said, finish_reason: null }] }]);
      expect(text.endsWith(DONE)).toBe(true);
    },
  );

  // That event was read again and again, without end.
  test('is whole where its last event has no blank line behind it', async () => {
    const text = await rewritten([piece({ content: ' three' }), piece({}, 'stop').trimEnd()]);
    expect(parsed(text).length).toBe(2);
  });

  test('tells of what both have used', async () => {
    const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, details: 'x' };
    const text = await rewritten([event({ choices: [], usage })]);
    expect(parsed(text)[0]?.usage).toEqual({ prompt_tokens: 22, completion_tokens: 7, total_tokens: 29, details: 'x' });
    const odd = await rewritten([event({ choices: [], usage: { tokens: 1 } })]);
    expect(parsed(odd)[0]?.usage).toEqual({ tokens: 1 });
  });

  test('says nothing in events that are empty', async () => {
    expect(
      await rewritten([event({ choices: [] }), piece({ refusal: null }), ': hi\n\n', piece({ content: '' })]),
    ).toBe('');
  });
});

describe('what is not of the answer', () => {
  // Without its name the event was passed on as a piece of the answer, which broke off behind it a second time.
  test('is passed on with its name, where that tells of an error', async () => {
    const error = 'event: error\ndata: {"message":"overloaded"}\n\n';
    expect(await rewritten([piece({ content: ' three' }), error])).toContain(error);
  });

  // Only its first line was still data, and what the official client read was another event.
  test('is passed on line by line', async () => {
    expect(await rewritten(['data: {"a":\ndata: x}\n\n'])).toBe('data: {"a":\ndata: x}\n\n');
  });
});

describe('what a model thinks', () => {
  // It stood between the two halves of the text, and made a second rescue impossible: "it has more than text".
  test.each(['reasoning_content', 'reasoning'])('before it goes on is left out (%s)', async (name) => {
    const text = await rewritten([
      piece({ [name]: 'hmm' }),
      piece({ [name]: 'so', content: ' three' }),
      piece({}, 'stop'),
    ]);
    expect(text).not.toContain('hmm');
    expect(text).not.toContain('so"');
    expect(text).toContain(' three');
  });

  // The parts of its text were lost, and the answer had a hole.
  test('comes in parts of its own, and its text is passed on', async () => {
    const part = (type: string, text: string) => ({ type, [type]: text });
    const parts = [piece({ content: [part('thinking', 'hmm')] }), piece({ content: [part('text', ' two three')] })];
    const text = await rewritten([...parts, piece({}, 'stop')], { anchor: 'two' });
    expect(parsed(text).map(({ choices }) => (choices as { delta: object }[])[0]?.delta)).toEqual([
      { content: ' three' },
      {},
    ]);
    await expect(rewritten([piece({ content: [part('image_url', 'x')] })])).rejects.toThrow('parts that are not text');
  });
});

describe('it breaks off', () => {
  const ANCHOR = 'in the evening. A gull cries over the pier.';

  // Half an answer had a finish reason, and looked whole.
  test.each<[string, readonly string[]]>([
    ['nothing', [piece({}, 'stop'), DONE]],
    ['nothing, without a finish', [DONE]],
    ['white space alone', [piece({ content: ' \n' }), piece({}, 'stop')]],
    ['nothing, for all its thoughts', [piece({ reasoning_content: 'hmm' }), piece({}, 'length')]],
    ['a part of the words', [piece({ content: 'in the evening. A gull' }), piece({}, 'stop')]],
  ])('where it was told to begin with some words and comes to its end with %s', async (_what, pieces) => {
    await expect(rewritten(pieces, { anchor: ANCHOR })).rejects.toMatchObject({
      reason: 'it came to an end without going on',
    });
  });

  test.each<[string, string | undefined, readonly string[]]>([
    ['it says the words, and the answer was whole', ANCHOR, [piece({ content: ANCHOR }), piece({}, 'stop')]],
    ['it had no room for more', ANCHOR, [piece({ content: 'in the evening. A gull' }), piece({}, 'length')]],
    ['it calls a tool', ANCHOR, [piece({ tool_calls: [{ index: 0 }] }), piece({}, 'tool_calls')]],
    ['it goes on with its last turn', undefined, [piece({}, 'stop')]],
  ])('but not where %s', async (_what, anchor, pieces) => {
    expect(await rewritten([...pieces, DONE], anchor === undefined ? {} : { anchor })).toContain(DONE);
  });

  test('as its stream does', async () => {
    await expect(rewritten([piece({ content: ' three' })], { end: new Error('ECONNRESET') })).rejects.toThrow(
      'ECONNRESET',
    );
  });

  test('where it begins anew in other words', async () => {
    const delivered = { text: 'The harbour lies quiet in the evening. A gull cries over the pier.' };
    const anew = [piece({ content: 'The harbour lies quiet in the' }), piece({ content: ' morning.' })];
    await expect(rewritten(anew, { delivered, anchor: 'in the evening. A gull cries over the pier.' })).rejects.toThrow(
      BegunAnew,
    );
  });
});
