import type OpenAI from 'openai';
import { toFile } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failureOf, start } from './setup.js';

const model = 'gpt-4.1';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('models are listed and found by name, slashes included', async () => {
  const { client } = await start({ models: ['gpt-4.1', 'meta/llama-4'] });
  expect((await all(client.models.list())).map(({ id }) => id)).toEqual(['gpt-4.1', 'meta/llama-4']);
  expect((await client.models.retrieve('meta/llama-4')).id).toBe('meta/llama-4');
  expect(await failureOf(client.models.retrieve('gpt-0'))).toBe('NotFoundError 404 model_not_found');
});

test('responses answer as JSON, are stored and forgotten', async () => {
  const { client } = await start();
  const response = await client.responses.create({ model, input: 'echo: calm water', instructions: 'be brief' });
  expect(response).toMatchObject({ status: 'completed', output_text: 'calm water', instructions: 'be brief' });
  expect(response.usage?.total_tokens).toBe((response.usage?.input_tokens ?? 0) + 2);
  expect((await client.responses.retrieve(response.id)).output_text).toBe('calm water');
  const next = await client.responses.create({ model, input: 'echo: more', previous_response_id: response.id });
  expect(next.previous_response_id).toBe(response.id);
  await client.responses.delete(response.id);
  expect(await failureOf(client.responses.retrieve(response.id))).toBe('NotFoundError 404');
  expect(await failureOf(client.responses.create({ model, input: 'hi', previous_response_id: response.id }))).toBe(
    'BadRequestError 400 previous_response_not_found',
  );
  const unstored = await client.responses.create({ model, input: 'hi', store: false });
  expect(await failureOf(client.responses.retrieve(unstored.id))).toBe('NotFoundError 404');
});

test('responses stream typed events in their order', async () => {
  const { client } = await start();
  const events = await all(await client.responses.create({ model, input: 'echo: calm water', stream: true }));
  expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
    ...['created', 'in_progress', 'output_item.added', 'content_part.added'],
    ...['output_text.delta', 'output_text.delta'],
    ...['output_text.done', 'content_part.done', 'output_item.done', 'completed'],
  ]);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
});

test('the responses stream helper puts the same response together that JSON gives', async () => {
  const { client } = await start();
  const streamed = await client.responses.stream({ model, input: 'hello' }).finalResponse();
  const whole = await client.responses.create({ model, input: 'hello' });
  expect(streamed.output_text).toBe(whole.output_text);
  expect(streamed.usage).toEqual(whole.usage);
});

test('responses call tools, keep to schemas and end incomplete at their limit', async () => {
  const { client } = await start();
  const tools: OpenAI.Responses.FunctionTool[] = [
    {
      type: 'function',
      name: 'dive',
      strict: true,
      parameters: { type: 'object', properties: { depth: { type: 'number' } }, required: ['depth'] },
    },
  ];
  const asked = await client.responses.create({ model, input: 'call dive', tools });
  const call = asked.output[0];
  if (call?.type !== 'function_call') throw new Error('A function call was expected.');
  expect(JSON.parse(call.arguments)).toEqual({ depth: expect.any(Number) });
  const streamed = await client.responses.stream({ model, input: 'call dive', tools }).finalResponse();
  expect(streamed.output[0]).toMatchObject({ type: 'function_call', name: 'dive', arguments: call.arguments });
  const answered = await client.responses.create({
    ...{ model, tools, tool_choice: 'required' as const, previous_response_id: asked.id },
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'wet' }],
  });
  expect(answered.output[0]?.type).toBe('message');

  const Port = z.object({ name: z.string(), piers: z.int().min(1) });
  const parsed = await client.responses.parse({
    model,
    input: 'a port',
    text: { format: zodTextFormat(Port, 'port') },
  });
  expect(Port.parse(parsed.output_parsed)).toBeTruthy();

  const short = await client.responses.create({ model, input: 'echo: a b c', max_output_tokens: 2 });
  expect(short).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output_text: 'a b',
  });
  expect(await failureOf(client.responses.create({ model } as never))).toBe(
    'BadRequestError 400 missing_required_parameter',
  );
});

test('embeddings are unit vectors, the same in both encodings', async () => {
  const { client } = await start();
  const asked = { model: 'text-embedding-3-small', input: ['sea', 'shore'] };
  const { data } = await client.embeddings.create(asked);
  const floats = await client.embeddings.create({ ...asked, encoding_format: 'float' });
  expect(data.map(({ embedding }) => embedding)).toEqual(floats.data.map(({ embedding }) => embedding));
  expect(data[0]?.embedding).toHaveLength(1536);
  expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
  expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
  const short = await client.embeddings.create({ ...asked, input: 'sea', dimensions: 8 });
  expect(short.data[0]?.embedding).toHaveLength(8);
  expect(await failureOf(client.embeddings.create({ ...asked, input: [] }))).toBe('BadRequestError 400');
});

test('text completions answer as JSON and as a stream', async () => {
  const { client } = await start();
  const asked = { model: 'gpt-3.5-turbo-instruct', prompt: ['echo: one two', 'echo: three'], max_tokens: 5 };
  const { choices } = await client.completions.create(asked);
  expect(choices.map(({ text, finish_reason }) => `${text} ${finish_reason}`)).toEqual(['one two stop', 'three stop']);
  const chunks = await all(await client.completions.create({ ...asked, prompt: 'echo: one two', stream: true }));
  expect(chunks.map((chunk) => chunk.choices[0]?.text).join('')).toBe('one two');
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
});

test('moderations flag what names a category', async () => {
  const { client } = await start();
  const { results } = await client.moderations.create({ input: ['calm sea', 'sheer violence'] });
  expect(results.map(({ flagged }) => flagged)).toEqual([false, true]);
  expect(results[1]?.categories.violence).toBe(true);
});

test('files are uploaded byte for byte, listed page by page, read and deleted', async () => {
  const { client, simulator } = await start();
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10]);
  const names = ['a.bin', 'b.bin', 'c.bin'];
  const ids: string[] = [];
  for (const name of names)
    ids.push((await client.files.create({ file: await toFile(bytes, name), purpose: 'user_data' })).id);
  expect(simulator.log[0]?.body).toMatchObject({ purpose: 'user_data', file: { filename: 'a.bin', bytes: 8 } });
  const pages = client.files.list({ limit: 2 });
  expect((await all(pages)).map(({ filename }) => filename)).toEqual([...names].reverse());
  expect(simulator.requests({ path: '/files' }).filter(({ method }) => method === 'GET')).toHaveLength(2);
  const [first = ''] = ids;
  expect((await client.files.retrieve(first)).bytes).toBe(8);
  expect(Buffer.from(await (await client.files.content(first)).arrayBuffer())).toEqual(bytes);
  expect((await client.files.delete(first)).deleted).toBe(true);
  expect(await failureOf(client.files.retrieve(first))).toBe('NotFoundError 404');
  expect(await failureOf(client.files.create({ purpose: 'batch' } as never))).toBe(
    'BadRequestError 400 missing_required_parameter',
  );
});

test('images, speech and transcriptions answer with a little of what they should', async () => {
  const { client } = await start();
  const image = await client.images.generate({ model: 'gpt-image-1', prompt: 'a harbour', n: 2 });
  expect(image.data).toHaveLength(2);
  expect(
    Buffer.from(image.data?.[0]?.b64_json ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  const speech = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hi' });
  expect(speech.headers.get('content-type')).toBe('audio/mpeg');
  const sound = await speech.arrayBuffer();
  expect(sound.byteLength).toBeGreaterThan(0);
  const heard = await client.audio.transcriptions.create({
    model: 'whisper-1',
    file: await toFile(Buffer.from(sound), 'a.mp3'),
  });
  expect(heard.text).toEqual(expect.any(String));
});
