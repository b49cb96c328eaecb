import OpenAI, { isStreamInterruptedError, type StreamInterruptedError } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { answerOf, asked, readOut, SIXTY, startBroken } from './rescue-setup.js';
import { endpointAt, errorOf, question } from './setup.js';
import { eventStream, stub } from './stub.js';

const CUT = { kind: 'cut', afterTokens: 3 } as const;

const tool = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const schema = {
  name: 'city',
  schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
};

describe('nobody goes on with', () => {
  test.each<[string, object, string]>([
    ['a tool call', { ...question('call weather'), tools: [tool] }, 'it has more than text (tool_calls)'],
    ['several choices', { n: 2 }, 'it asks for several choices'],
    ['what is kept on a server', { store: true }, 'it is kept on a server'],
    ['log probabilities', { logprobs: true }, 'it asks for log probabilities'],
    ['an answer by a schema', { response_format: { type: 'json_schema', json_schema: schema } }, 'structured output'],
    ['an answer in JSON', { response_format: { type: 'json_object' } }, 'it asks for structured output'],
    ['an answer that must call a tool', { tools: [tool], tool_choice: 'required' }, 'it asks for a tool call'],
  ])('%s: the error has what had come', async (_, more, because) => {
    const { client, seoul, trail } = await startBroken();
    seoul.fault(CUT);
    const { error, chunks } = await answerOf(client, more);
    expect(isStreamInterruptedError(error)).toBe(true);
    const { message, partial, target } = error as StreamInterruptedError;
    expect(message).toContain(because);
    expect(target).toBe('seoul/gpt-4.1');
    expect(partial.events).toEqual(chunks);
    expect(trail()).toBe('seoul:200');
  });

  test('a response', async () => {
    const { client, seoul, trail } = await startBroken();
    seoul.fault(CUT);
    const params = { model: 'gpt-4.1', input: `echo: ${SIXTY}`, stream: true, store: false } as const;
    const stream = await client.responses.create(params);
    let text = '';
    const error = await errorOf<StreamInterruptedError>(
      (async () => {
        for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
      })(),
    );
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error.partial.text).toBe(text);
    expect(trail()).toBe('seoul:200');
  });

  test('what the client or the request wants left alone', async () => {
    const off = await startBroken({ router: { streams: { rescue: 'error' } } });
    const on = await startBroken();
    for (const { seoul } of [off, on]) seoul.fault(CUT);
    for (const read of [answerOf(off.client), answerOf(on.client, {}, { router: { rescue: 'error' } })]) {
      const { error, text } = await read;
      expect(isStreamInterruptedError(error)).toBe(true);
      expect(text).toBe('word1 word2 word3');
      expect(error).toMatchObject({ partial: { text } });
    }
    expect(off.trail()).toBe('seoul:200');
    expect(on.trail()).toBe('seoul:200');
  });

  test('a request that its client has signed', async () => {
    class Signing extends OpenAI {
      protected override async prepareRequest(request: RequestInit): Promise<void> {
        (request.headers as Headers).set('x-signed', 'yes');
      }
    }
    const { seoul, tokyo, trail } = await startBroken();
    seoul.fault(CUT);
    const endpoints = [seoul, tokyo].map((region) => endpointAt(region));
    const client = new Signing({ baseURL: seoul.baseURL, apiKey: 'sk', router: { routing: 'priority', endpoints } });
    expect(isStreamInterruptedError((await answerOf(client)).error)).toBe(true);
    expect(trail()).toBe('seoul:200');
  });

  // It was gone on with, behind its finish, only because nobody had told yet what it used.
  test('an answer that is whole, and lacks but its usage', async () => {
    const events = [
      { id: 'one', choices: [{ index: 0, delta: { role: 'assistant', content: 'all of it' }, finish_reason: null }] },
      { id: 'one', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ];
    const { sent, fetch } = stub(() => {
      const body = eventStream(events).body?.getReader();
      const broken = new ReadableStream({
        pull: async (controller) => {
          const { value } = (await body?.read()) ?? {};
          if (value) controller.enqueue(value);
          else controller.error(new Error('reset'));
        },
      });
      return new Response(broken, { headers: { 'content-type': 'text/event-stream' } });
    });
    const client = new OpenAI({ baseURL: 'https://one.example/v1', apiKey: 'sk', fetch, router: {} });
    const { error, text } = await answerOf(client, { stream_options: { include_usage: true } });
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(text).toBe('all of it');
    expect(sent.length).toBe(1);
  });

  // Only its second half was kept, and somebody was asked to go on with that as if it were all.
  test('an answer of which only the end is still known', async () => {
    const words = Array.from({ length: 12_000 }, (_, index) => ({
      id: 'one',
      choices: [{ index: 0, delta: { content: ` word${index}` }, finish_reason: null }],
    }));
    const { sent, fetch } = stub(() => eventStream(words));
    const client = new OpenAI({ baseURL: 'https://one.example/v1', apiKey: 'sk', fetch, router: {} });
    const { error, chunks } = await answerOf(client);
    expect((error as Error).message).toContain('it is too long to be gone on with');
    expect(chunks.length).toBe(12_000);
    expect(sent.length).toBe(1);
  });
});

describe('where nobody can', () => {
  test.each([
    ['all others fail', { kind: 'status', status: 500 }],
    ['all others refuse', { kind: 'refuse' }],
    ['the others say no', { kind: 'status', status: 400 }],
  ] as const)('%s, the error has exactly what had come, and its route tells who was asked', async (_, fault) => {
    const { client, seoul, tokyo } = await startBroken({ router: { breaker: false } });
    seoul.fault({ ...CUT, times: 1 });
    tokyo.fault(fault);
    const stream = await client.chat.completions.create(asked, { maxRetries: 0 });
    seoul.fault({ kind: 'status', status: 500 });
    const { error, text } = await readOut(stream);
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(text).toBe('word1 word2 word3');
    expect((error as StreamInterruptedError).partial.text).toBe(text);
    expect((error as StreamInterruptedError).message).toContain('nobody could go on with it');
  });

  // One connection that breaks says little of the endpoint: while all others were down the answer was given up.
  test('the others fail, the one who broke off is asked once more', async () => {
    const { client, seoul, tokyo } = await startBroken();
    seoul.fault({ ...CUT, times: 1 });
    tokyo.fault({ kind: 'status', status: 500 });
    expect((await answerOf(client)).text).toBe(SIXTY);
  });

  test('the error that the provider told of is the caller’s, with its fields', async () => {
    const { client, seoul } = await startBroken();
    seoul.fault({ kind: 'stream-error', afterTokens: 3, code: 'server_error', message: 'inside' });
    const { error, text } = await answerOf(client, { n: 2 });
    expect(error).toMatchObject({ code: 'server_error' });
    expect(text).not.toBe('');
  });
});
