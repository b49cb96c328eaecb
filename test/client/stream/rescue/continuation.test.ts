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
  const all: Delivered = { resource: 'chat.completions', text: 'one two', common: COMMON, tokens: 2, ...delivered };
  const seam = new Seam({ delivered: all.text, anchor });
  const continuation = new Continuation({ reader, delivered: all, seam });
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

describe('it breaks off', () => {
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
