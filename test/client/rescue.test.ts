import { createFetch, isStreamInterruptedError } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { answerOf, asked, type Difference, readOut, SIXTY, startBroken } from './rescue-setup.js';
import { endpointAt, eventsOf } from './setup.js';

const ways: readonly (readonly [name: string, difference: Difference])[] = [
  ['goes on with its last turn', { prefill: 'plain', tokyo: { continues: 'prefill' } }],
  ['refuses to, and does as it is told', { prefill: 'plain', tokyo: { continues: 'refuse' } }],
  ['answers from the beginning', { prefill: 'plain', tokyo: { continues: 'ignore' } }],
  ['says the last words again', { prefill: 'plain', tokyo: { continues: 'repeat' } }],
  ['is told to, and says the last words first', { tokyo: { instructed: 'anchor' } }],
  ['is told to, and goes on at once', { tokyo: { instructed: 'go-on' } }],
];

describe('an answer that breaks off goes on from a target that', () => {
  test.each(ways)('%s, and is the whole answer', async (_, difference) => {
    const { client, seoul } = await startBroken(difference);
    seoul.fault({ kind: 'cut', afterTokens: 40 });
    const { text, error, chunks } = await answerOf(client);
    expect(error).toBeUndefined();
    expect(text).toBe(SIXTY);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  test.each(ways)('%s, without making anybody wait', async (_, difference) => {
    const { client, seoul, tokyo } = await startBroken(difference);
    for (const region of [seoul, tokyo]) region.set({ tokensPerSecond: 400, latencyMs: 20 });
    const timed = async () => {
      const startedAt = performance.now();
      expect((await answerOf(client)).text).toBe(SIXTY);
      return performance.now() - startedAt;
    };
    await timed();
    const fault = seoul.fault({ kind: 'cut', afterTokens: 40 });
    const brokenMs = await timed();
    fault();
    const wholeMs = await timed();
    expect(brokenMs - wholeMs).toBeLessThan(500);
  });
});

const breaks = [
  ['with the connection', { kind: 'cut', afterTokens: 40 }],
  ['with a proper end of the body', { kind: 'cut', afterTokens: 40, clean: true }],
  ['by an error inside the stream', { kind: 'stream-error', afterTokens: 40 }],
  ['inside an event', { kind: 'cut', afterBytes: 7_777 }],
  ['inside its first word', { kind: 'cut', afterTokens: 1 }],
  ['behind its last word', { kind: 'cut', afterTokens: 60 }],
] as const;

/** Who was told to say the last words, and says nothing, is not believed that nothing was missing. */
const saysNothing = (how: string, difference: Difference): boolean =>
  how === 'behind its last word' && difference.tokyo?.instructed === 'go-on';

describe.each(breaks)('an answer that breaks off %s', (how, fault) => {
  test.each([...ways, ['repeats everything', { tokyo: {} }] as const].filter(([, one]) => !saysNothing(how, one)))(
    'goes on from one that %s',
    async (_way, difference) => {
      const { client, seoul, simulator } = await startBroken(difference);
      seoul.fault(fault);
      const { text, error } = await answerOf(client);
      expect({ text, error }).toEqual({ text: SIXTY, error: undefined });
      expect(simulator.requests({ region: 'tokyo' }).length).toBeGreaterThan(0);
    },
  );
});

describe('an answer that goes on elsewhere is read', () => {
  const start = async () => {
    const world = await startBroken();
    world.seoul.fault({ kind: 'cut', afterTokens: 40 });
    return world;
  };

  test('by .stream(), whose final message is the whole answer', async () => {
    const { client } = await start();
    const completion = await client.chat.completions.stream({ ...asked }).finalChatCompletion();
    expect(completion.choices).toMatchObject([
      { finish_reason: 'stop', message: { role: 'assistant', content: SIXTY } },
    ]);
  });

  test('by both halves of tee()', async () => {
    const { client } = await start();
    const [left, right] = (await client.chat.completions.create(asked)).tee();
    expect((await readOut(left)).text).toBe(SIXTY);
    expect((await readOut(right)).text).toBe(SIXTY);
  });

  test('by toReadableStream()', async () => {
    const { client } = await start();
    const lines = await new Response((await client.chat.completions.create(asked)).toReadableStream()).text();
    const chunks = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(SIXTY);
  });

  test('by asResponse(), as text, by a platform reader, and by two readers of its own tee()', async () => {
    const { client } = await start();
    const response = () => client.chat.completions.create(asked).asResponse();
    expect(textIn(await (await response()).text())).toBe(SIXTY);
    const parts: Uint8Array[] = [];
    await (await response()).body?.pipeTo(new WritableStream({ write: (part) => void parts.push(part) }));
    expect(textIn(Buffer.concat(parts).toString())).toBe(SIXTY);
    const [left, right] = (await response()).body?.tee() ?? [];
    expect(textIn(await new Response(left).text())).toBe(SIXTY);
    expect(textIn(await new Response(right).text())).toBe(SIXTY);
  });

  test('by a fetch of ours, as bytes, and by an official client that has it', async () => {
    const { seoul, tokyo } = await start();
    const endpoints = [seoul, tokyo].map((region) => endpointAt(region));
    const fetch = createFetch({ routing: 'priority', endpoints, baseURL: seoul.baseURL });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked) };
    const raw = await (await fetch(`${seoul.baseURL}/chat/completions`, init)).text();
    expect(textIn(raw)).toBe(SIXTY);
    expect(raw.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const official = new Official({ baseURL: seoul.baseURL, apiKey: 'any', fetch, maxRetries: 0 });
    expect((await readOut(await official.chat.completions.create(asked))).text).toBe(SIXTY);
  });

  test('from the oldest resource of all', async () => {
    const { client, simulator } = await start();
    const prompt = `echo: ${SIXTY}\n\n`;
    let text = '';
    for await (const chunk of await client.completions.create({
      ...{ model: 'gpt-4.1', prompt, max_tokens: 100, stream: true },
    }))
      text += chunk.choices[0]?.text ?? '';
    expect(text).toBe(`${SIXTY}\n\n`);
    expect(simulator.log.map(({ body }) => (body as { max_tokens: number }).max_tokens)).toEqual([100, 60]);
  });
});

/** The text of a streamed answer, from its raw events. */
function textIn(raw: string): string {
  return raw
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)).choices[0]?.delta.content ?? '')
    .join('');
}

describe('whoever goes on', () => {
  test('may break off as well, and then another one goes on', async () => {
    const { client, seoul, tokyo, trail } = await startBroken({ tokyo: { instructed: 'go-on' } });
    seoul.fault({ kind: 'cut', afterTokens: 20, times: 1 });
    tokyo.fault({ kind: 'cut', afterTokens: 20, times: 1 });
    const events = eventsOf(client, ['stream.rescued']);
    expect((await answerOf(client)).text).toBe(SIXTY);
    expect(trail()).toBe('seoul:200 tokyo:200 seoul:200');
    expect(events.map(({ payload: { from, to } }) => `${from} ${to}`)).toEqual([
      'seoul/gpt-4.1 tokyo/gpt-4.1',
      'tokyo/gpt-4.1 seoul/gpt-4.1',
    ]);
  });

  test.each([
    [0, 10],
    [1, 20],
    [2, 25],
  ])('is somebody else %i times at the most', async (maxRescues, words) => {
    const { client, seoul, tokyo } = await startBroken({ router: { streams: { maxRescues }, breaker: false } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'cut', afterTokens: region === seoul ? 10 : 16 });
    const { error, text } = await answerOf(client);
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(SIXTY.startsWith(text)).toBe(true);
    expect(error).toMatchObject({ partial: { text } });
    expect(text.split(' ').length).toBeGreaterThanOrEqual(words);
  });

  test('is the same endpoint where there is no other', async () => {
    const { client, seoul, tokyo, simulator } = await startBroken();
    const alone = client.withOptions({ router: { endpoints: [endpointAt(tokyo)] } } as object);
    seoul.fault({ kind: 'status', status: 500 });
    tokyo.fault({ kind: 'cut', afterTokens: 40, times: 1 });
    expect((await answerOf(alone)).text).toBe(SIXTY);
    expect(simulator.requests({ region: 'tokyo' }).length).toBe(2);
  });

  // The one who broke off was left out for the sake of an endpoint that has another model.
  test('is the same endpoint where no other serves the model', async () => {
    const { client, seoul, tokyo, simulator } = await startBroken();
    const endpoints = [endpointAt(seoul), endpointAt(tokyo, { models: ['another'] })];
    const other = client.withOptions({ router: { routing: 'priority', endpoints } } as object);
    seoul.fault({ kind: 'cut', afterTokens: 40, times: 1 });
    const { text, error } = await answerOf(other);
    expect({ text, error }).toEqual({ text: SIXTY, error: undefined });
    expect(simulator.log.map(({ region }) => region)).toEqual(['seoul', 'seoul']);
  });

  test('is another model where only that is well', async () => {
    const { client, seoul, tokyo, simulator } = await startBroken({ router: { fallbacks: ['gpt-4.1-mini'] } });
    seoul.fault({ kind: 'cut', afterTokens: 40, models: ['gpt-4.1'] });
    tokyo.fault({ kind: 'status', status: 500, models: ['gpt-4.1'] });
    const { text, chunks } = await answerOf(client);
    expect(text).toBe(SIXTY);
    expect(new Set(chunks.map(({ model }) => model)).size).toBe(1);
    expect(simulator.log.at(-1)).toMatchObject({ model: 'gpt-4.1-mini', status: 200 });
  });

  test('is remembered for refusing to go on with its last turn, and no longer asked to', async () => {
    const { client, seoul, simulator } = await startBroken({ prefill: 'plain', tokyo: { continues: 'refuse' } });
    seoul.fault({ kind: 'cut', afterTokens: 40 });
    for (let time = 0; time < 2; time += 1) expect((await answerOf(client)).text).toBe(SIXTY);
    expect(simulator.requests({ region: 'tokyo' }).map(({ status }) => status)).toEqual([400, 200, 200]);
  });
});

// A stream that was handed over at its headers and broke before its first word was given up, though nobody had seen anything of it.
test('a stream that breaks off before its first content begins anew elsewhere, unseen', async () => {
  const { client, seoul, trail } = await startBroken({ router: { streams: { commit: 'headers' } } });
  seoul.fault({ kind: 'cut', afterTokens: 0 });
  const events = eventsOf(client, ['stream.restarted', 'stream.rescued']);
  const { text, error } = await answerOf(client);
  expect({ text, error }).toEqual({ text: SIXTY, error: undefined });
  expect(events).toMatchObject([{ name: 'stream.rescued', payload: { how: 'continue', form: 'anew' } }]);
  expect(trail()).toBe('seoul:200 tokyo:200');
});
