import OpenAI, { createFetch } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question } from './setup.js';
import { eventStream, helloEvents, sse, stub } from './stub.js';

const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-x', maxRetries: 0, logLevel: 'off' } as const;
const endpoints = [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' }];
const typed = (type: string | undefined): HeadersInit => (type === undefined ? {} : { 'content-type': type });

async function read(client: Official): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...question(), stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

describe('a stream', () => {
  // Servers and proxies that write the type in their own way answered the official client, but not ours.
  test.each(['Text/Event-Stream; Charset=UTF-8', 'text/plain', 'application/octet-stream', undefined])(
    'is read whatever its type is called (%s)',
    async (type) => {
      const { fetch } = stub(() => eventStream(helloEvents, typed(type)));
      expect(await read(new Official({ ...own, fetch }))).toBe('hello');
      expect(await read(new OpenAI({ ...own, fetch, router: {} }))).toBe('hello');
    },
  );

  test.each([
    ['JSON', 'application/json', '{"choices":[]}', 'malformed'],
    ['a page', 'Text/HTML', '<html></html>', 'malformed'],
    ['XML', 'application/xml', '<a/>', 'malformed'],
    ['a page that is called text', 'text/plain', '<html></html>', 'stream_error_early'],
    ['nothing', undefined, '', 'stream_error_early'],
  ])('is not %s: the call goes on elsewhere', async (_what, type, body, kind) => {
    const { fetch, hosts } = stub(({ host }) =>
      host === 'a.test'
        ? new Response(new TextEncoder().encode(body), { headers: typed(type) })
        : eventStream(helloEvents),
    );
    const client = new OpenAI({ ...own, fetch, router: { routing: 'priority', endpoints } });
    const failed = eventsOf(client, ['attempt.failed']);
    expect(await read(client)).toBe('hello');
    expect(hosts()).toBe('a.test b.test');
    expect(failed.map(({ payload }) => payload.kind)).toEqual([kind]);
  });

  // A body made by hand for the user's own fetch broke in our reader alone.
  test('of text instead of bytes is read as by the official client', async () => {
    const fetch = async () =>
      ({
        ok: true,
        status: 200,
        statusText: '',
        type: 'basic',
        url: 'https://a.test/',
        headers: new Headers(typed('text/event-stream')),
        body: (async function* () {
          yield* helloEvents.map((event) => sse([event]));
        })(),
      }) as unknown as Response;
    expect(await read(new Official({ ...own, fetch }))).toBe('hello');
    expect(await read(new OpenAI({ ...own, fetch, router: {} }))).toBe('hello');
    const router = { streams: { commit: 'headers' as const } };
    expect(await read(new OpenAI({ ...own, fetch, router }))).toBe('hello');
  });
});

describe('a whole answer', () => {
  const ask = (client: OpenAI) => ({
    chat: () => client.chat.completions.create(question()),
    responses: () => client.responses.create({ model: 'gpt-4.1', input: 'hi' }),
    embeddings: () => client.embeddings.create({ model: 'e', input: 'hi', encoding_format: 'float' }),
    moderations: () => client.moderations.create({ input: 'hi' }),
  });
  const good = () => Response.json({ choices: [{}], output: [{}], data: [{}], results: [{}] });

  // They were passed on as answers: the caller was given '<html/>', or null.
  test.each([
    ['a page', () => new Response('<html/>', { headers: typed('application/xhtml+xml') })],
    ['no content', () => new Response(null, { status: 204 })],
    ['bytes', () => new Response(new Uint8Array(9), { headers: typed('application/octet-stream') })],
    // The official client gives its text as it stands: a string where a completion was asked for.
    ['a stream that nobody asked for', () => eventStream(helloEvents)],
  ])('is not %s: the call goes on elsewhere', async (_what, odd) => {
    const { fetch } = stub(({ host }) => (host === 'a.test' ? odd() : good()));
    for (const resource of ['chat', 'responses', 'embeddings', 'moderations'] as const) {
      const client = new OpenAI({ ...own, fetch, router: { routing: 'priority', endpoints } });
      const failed = eventsOf(client, ['attempt.failed']);
      await ask(client)[resource]();
      expect(failed.map(({ payload }) => payload.kind)).toEqual(['malformed']);
    }
  });

  // Whoever read "not JSON" in the log looked at the body, and found JSON.
  test.each([
    [undefined, 'HTTP 200 with text without a content type'],
    ['text/plain', 'HTTP 200 with text/plain instead of JSON'],
  ])('in JSON that says it is %s is refused for what it says it is', async (type, line) => {
    const body = new TextEncoder().encode('{"choices":[{}]}');
    const { fetch } = stub(() => new Response(body, { headers: typed(type) }));
    const client = new OpenAI({ ...own, fetch, router: {} });
    expect((await errorOf(ask(client).chat())).message).toContain(line);
  });

  test('may be events where somebody asked for them in words that are not read here', async () => {
    const { fetch } = stub(() => eventStream(helloEvents));
    const client = new OpenAI({ ...own, fetch, router: {} });
    const spoken = await client.audio.speech.create({ model: 'm', voice: 'v', input: 'hi', stream_format: 'sse' });
    expect(await spoken.text()).toBe(sse(helloEvents));
    // An SDK may send its body as bytes.
    const body = new TextEncoder().encode(JSON.stringify({ ...question(), stream: true }));
    const answer = await createFetch({ fetch })('https://a.test/v1/chat/completions', { method: 'POST', body });
    expect(await answer.text()).toBe(sse(helloEvents));
  });

  test('may be bytes where sounds and pictures are asked for, but no page', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0x00);
    let type = '';
    const { fetch } = stub(() => new Response(bytes, { headers: typed(type) }));
    const client = new OpenAI({ ...own, fetch, router: {} });
    const speak = () => client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hi' });
    for (type of ['audio/mpeg', 'application/octet-stream']) {
      expect([...new Uint8Array(await (await speak()).arrayBuffer())]).toEqual([...bytes]);
    }
    type = 'text/html';
    expect((await errorOf(speak())).message).toContain('HTTP 200 with text/html');
  });
});
