import type OpenAI from 'openai';
import { AzureOpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failureOf, question, start } from './setup.js';

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        days: { type: 'integer', minimum: 1, maximum: 7 },
        note: { type: 'string' },
      },
      required: ['city', 'days'],
    },
  },
};

async function read(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, text: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('') };
}

describe('chat completions', () => {
  test('echoes exactly what is asked for, as JSON and as a stream', async () => {
    const { client } = await start();
    const text = '  Grüße, 안녕  🌊\n\nend ';
    const whole = await client.chat.completions.create(question(`echo: ${text}`));
    expect(whole.choices[0]?.message.content).toBe(text);
    expect(whole.choices[0]?.finish_reason).toBe('stop');
    expect(
      (await read(await client.chat.completions.create({ ...question(`echo: ${text}`), stream: true }))).text,
    ).toBe(text);
  });

  test('streams the very text that it answers as JSON', async () => {
    const { client } = await start();
    const whole = await client.chat.completions.create(question('hello'));
    const { text, chunks } = await read(await client.chat.completions.create({ ...question('hello'), stream: true }));
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test('answers the same to the same question, model and seed, and differently to others', async () => {
    const [one, again, other] = [await start({ seed: 7 }), await start({ seed: 7 }), await start({ seed: 8 })];
    const ask = async ({ client }: typeof one, text: string, model = 'gpt-4.1') =>
      (await client.chat.completions.create({ ...question(text), model })).choices[0]?.message.content;
    const answer = await ask(one, 'hello');
    expect(await ask(one, 'hello')).toBe(answer);
    expect(await ask(again, 'hello')).toBe(answer);
    expect(await ask(other, 'hello')).not.toBe(answer);
    expect(await ask(one, 'hello!')).not.toBe(answer);
    expect(await ask(one, 'hello', 'gpt-4o')).not.toBe(answer);
  });

  test('gives the usage at the end of a stream that asks for it', async () => {
    const { client } = await start();
    const { chunks } = await read(
      await client.chat.completions.create({
        ...question('echo: a b c'),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test('answers n choices, each another one, side by side in a stream', async () => {
    const { client } = await start();
    const { choices } = await client.chat.completions.create({ ...question('hello'), n: 3 });
    expect(new Set(choices.map(({ message }) => message.content)).size).toBe(3);
    const { chunks } = await read(await client.chat.completions.create({ ...question('hello'), n: 2, stream: true }));
    const texts = [0, 1].map((index) =>
      chunks
        .flatMap((chunk) => chunk.choices.filter((one) => one.index === index).map(({ delta }) => delta.content ?? ''))
        .join(''),
    );
    expect(texts).toEqual(choices.slice(0, 2).map(({ message }) => message.content));
  });

  test('stops at max_tokens with finish_reason length', async () => {
    const { client } = await start();
    const cut = await client.chat.completions.create({ ...question('echo: one two three'), max_tokens: 2 });
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'one two' } });
    const other = await client.chat.completions.create({
      ...question('echo: one two three'),
      max_completion_tokens: 1,
    });
    expect(other.usage?.completion_tokens).toBe(1);
  });

  test('calls a tool when it must, when it is named, and not once the tool has answered', async () => {
    const { client } = await start();
    const asked = { ...question('please call weather'), tools: [weather] };
    const { choices } = await client.chat.completions.create(asked);
    const call = choices[0]?.message.tool_calls?.[0];
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    if (call?.type !== 'function') throw new Error('A function call was expected.');
    expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.any(String), days: expect.any(Number) });

    const { chunks } = await read(await client.chat.completions.create({ ...asked, stream: true }));
    const streamed = chunks.map((chunk) => chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '').join('');
    expect(streamed).toBe(call.function.arguments);

    const required = await client.chat.completions.create({
      ...question('hi'),
      tools: [weather],
      tool_choice: 'required',
    });
    expect(required.choices[0]?.message.tool_calls).toHaveLength(1);
    const unasked = await client.chat.completions.create({ ...question('hi'), tools: [weather] });
    expect(unasked.choices[0]?.message.tool_calls).toBeUndefined();
    const answered = await client.chat.completions.create({
      ...asked,
      tool_choice: 'required',
      messages: [
        ...asked.messages,
        choices[0]?.message as OpenAI.ChatCompletionMessage,
        { role: 'tool', tool_call_id: call.id, content: 'sunny' },
      ],
    });
    expect(answered.choices[0]?.message.content).toEqual(expect.any(String));
  });

  test('runs the tools of runTools to the end', async () => {
    const { client } = await start();
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      ...question('call weather'),
      tools: [
        {
          type: 'function',
          function: {
            ...weather.function,
            description: 'Tells the weather.',
            parse: (text: string) => JSON.parse(text) as { city: string },
            function: ({ city }: { city: string }) => `sunny, visit ${cities.push(city)}`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toEqual(expect.any(String));
    expect(cities).toHaveLength(1);
  });

  test('answers in the form of a zod schema', async () => {
    const { client } = await start();
    const Step = z.object({ title: z.string(), level: z.enum(['low', 'high']) });
    const Plan = z.object({
      name: z.string(),
      count: z.int().min(3).max(5),
      share: z.number(),
      when: z.iso.datetime(),
      steps: z.array(Step).min(2),
      maybe: z.string().nullable(),
      kind: z.union([z.literal('a'), z.object({ deep: z.boolean() })]),
    });
    for (const text of ['one', 'two', 'three', 'four']) {
      const { choices } = await client.chat.completions.parse({
        ...question(text),
        response_format: zodResponseFormat(Plan, 'plan'),
      });
      expect(Plan.parse(choices[0]?.message.parsed)).toBeTruthy();
    }
  });

  test('ends a recursive schema', async () => {
    const { client } = await start();
    interface Tree {
      value: number;
      next: Tree | null;
    }
    const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.number(), next: Tree.nullable() }));
    const { choices } = await client.chat.completions.parse({
      ...question('grow'),
      response_format: zodResponseFormat(z.object({ root: Tree }), 'tree'),
    });
    expect(choices[0]?.message.parsed?.root.value).toEqual(expect.any(Number));
  });

  test('serves the Azure form of the API', async () => {
    const { region, simulator } = await start({ regions: { local: { apiKeys: ['azure-key'] } } });
    const client = new AzureOpenAI({
      endpoint: region.azureEndpoint,
      apiKey: 'azure-key',
      apiVersion: '2024-10-21',
      maxRetries: 0,
    });
    expect((await client.chat.completions.create(question('echo: hi'))).choices[0]?.message.content).toBe('hi');
    expect(simulator.log[0]).toMatchObject({
      path: '/openai/deployments/gpt-4.1/chat/completions',
      query: '?api-version=2024-10-21',
      model: 'gpt-4.1',
    });
    expect(simulator.requests({ model: 'gpt-4.1' })).toHaveLength(1);
  });
});

describe('validation', () => {
  test.each([
    ['an unknown model', { model: 'gpt-0' }, 'NotFoundError 404 model_not_found'],
    ['missing messages', { messages: undefined }, 'BadRequestError 400 missing_required_parameter'],
    ['no message', { messages: [] }, 'BadRequestError 400 empty_array'],
    ['messages of a wrong type', { messages: 'hi' }, 'BadRequestError 400 invalid_type'],
    ['an unknown role', { messages: [{ role: 'captain', content: 'hi' }] }, 'BadRequestError 400 invalid_value'],
    ['content of a wrong type', { messages: [{ role: 'user', content: 1 }] }, 'BadRequestError 400 invalid_type'],
    ['a temperature too high', { temperature: 3 }, 'BadRequestError 400 number_above_max_value'],
    ['n of 0', { n: 0 }, 'BadRequestError 400 number_below_min_value'],
    ['a broken max_tokens', { max_tokens: 1.5 }, 'BadRequestError 400 invalid_type'],
    ['stream_options without a stream', { stream_options: { include_usage: true } }, 'BadRequestError 400'],
    [
      'a tool without a name',
      { tools: [{ type: 'function', function: {} }] },
      'BadRequestError 400 missing_required_parameter',
    ],
    ['a tool_choice without tools', { tool_choice: 'required' }, 'BadRequestError 400'],
  ])('turns down %s', async (_, wrong, failure) => {
    const { client } = await start();
    expect(await failureOf(client.chat.completions.create({ ...question('hi'), ...wrong } as never))).toBe(failure);
  });

  test('has the official shape, param included', async () => {
    const { client } = await start();
    const error = await client.chat.completions
      .create({ model: 'gpt-4.1' } as never)
      .catch((failure: unknown) => failure);
    expect((error as InstanceType<typeof OpenAI.APIError>).error).toEqual({
      message: "Missing required parameter: 'messages'.",
      type: 'invalid_request_error',
      param: 'messages',
      code: 'missing_required_parameter',
    });
  });

  test('turns down broken JSON, unknown paths and wrong methods', async () => {
    const { region } = await start();
    const status = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${region.baseURL}${path}`, init);
      const { error } = (await response.json()) as { error: { type: string } };
      return `${response.status} ${error.type} ${response.headers.get('allow') ?? ''}`.trim();
    };
    expect(await status('/chat/completions', { method: 'POST', body: '{"model":' })).toBe('400 invalid_request_error');
    expect(await status('/chat/completions', { method: 'POST', body: '[]' })).toBe('400 invalid_request_error');
    expect(await status('/nowhere')).toBe('404 invalid_request_error');
    expect(await status('/chat/completions')).toBe('405 invalid_request_error POST');
    expect(await status('/models', { method: 'DELETE' })).toBe('405 invalid_request_error GET');
  });

  test('asks for a key only where keys are set, and takes it in any header', async () => {
    const { region } = await start({ apiKeys: ['sk-right'] });
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${region.baseURL}/models`, { headers });
      const body = (await response.json()) as { error?: { code: string | null } };
      return `${response.status} ${body.error?.code ?? '-'}`;
    };
    expect(await status({})).toBe('401 -');
    expect(await status({ authorization: 'Bearer sk-wrong' })).toBe('401 invalid_api_key');
    expect(await status({ authorization: 'Bearer sk-right' })).toBe('200 -');
    expect(await status({ 'api-key': 'sk-right' })).toBe('200 -');
    expect(await status({ 'x-api-key': 'sk-right' })).toBe('200 -');
    region.set({ apiKeys: ['sk-new'] });
    expect(await status({ authorization: 'Bearer sk-right' })).toBe('401 invalid_api_key');
  });

  test('has the headers of the real API and lets browsers in', async () => {
    const { region } = await start();
    const { headers } = await fetch(`${region.baseURL}/models`);
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/);
    expect(headers.get('openai-version')).toBe('2020-10-01');
    expect(Number(headers.get('openai-processing-ms'))).toBeGreaterThanOrEqual(0);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const asked = await fetch(`${region.baseURL}/models`, {
      method: 'OPTIONS',
      headers: { 'access-control-request-headers': 'authorization' },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
  });
});
