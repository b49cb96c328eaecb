import { toFile } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, question, routed, start } from './setup.js';

describe('what is kept on one server stays at the first endpoint', () => {
  test('files, models and stored responses', async () => {
    const { client, simulator, trail } = await start();
    const file = await client.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose: 'batch' });
    await client.files.retrieve(file.id);
    await client.files.content(file.id);
    const response = await client.responses.create({ model: 'gpt-4.1', input: 'hi' });
    await client.responses.retrieve(response.id);
    await client.responses.create({ model: 'gpt-4.1', input: 'more', previous_response_id: response.id });
    await client.files.delete(file.id);
    await client.models.list();
    expect(new Set(simulator.log.map(({ region }) => region))).toEqual(new Set(['seoul']));
    expect(trail()).not.toContain('tokyo');
  });

  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['a conversation', { conversation: 'conv_1' }],
    ['background', { background: true }],
    ['a stored prompt', { prompt: { id: 'pmpt_1' } }],
    ['a file id', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }],
    ['a vector store', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }],
    ['a reference to an item', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    [
      'files for a new container',
      { tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }] },
    ],
    ['a container', { tools: [{ type: 'code_interpreter', container: 'cntr_1' }] }],
  ])('a response with %s', async (_what, params) => {
    const { client, seoul, simulator } = await start({ client: { maxRetries: 0 }, router: { fallbacks: ['gpt-4o'] } });
    seoul.fault({ kind: 'status', status: 500 });
    const asked = { model: 'gpt-4.1', input: 'hi', ...params } as Parameters<typeof client.responses.create>[0];
    expect(await errorOf(client.responses.create(asked))).toMatchObject({ status: 500 });
    expect(simulator.log.map(({ region, model }) => `${region}/${model}`)).toEqual(['seoul/gpt-4.1']);
  });

  test('while a tool that takes a file id as its argument pins nothing', async () => {
    const { client, seoul, trail } = await start();
    seoul.fault({ kind: 'status', status: 500 });
    const properties = { file_id: { type: 'string' }, container: { type: 'string' } };
    const parameters = { type: 'object', properties };
    await client.chat.completions.create({
      ...question(),
      tools: [{ type: 'function', function: { name: 'open', parameters } }],
    });
    const tool = { type: 'function' as const, name: 'open', strict: false, parameters };
    await client.responses.create({ model: 'gpt-4.1', input: 'hi', tools: [tool] });
    expect(trail()).toBe('seoul:500 tokyo:200 seoul:500 tokyo:200');
  });

  test('while one that only says so may move', async () => {
    const { client, seoul, trail } = await start();
    seoul.fault({ kind: 'status', status: 500 });
    await client.responses.create({ model: 'gpt-4.1', input: 'what is "previous_response_id" and "file_id":?' });
    expect(trail()).toBe('seoul:500 tokyo:200');
  });

  test('even when the first endpoint is dead: the caller hears of that', async () => {
    const { client, seoul, trail } = await start({ client: { maxRetries: 0 } });
    seoul.fault({ kind: 'status', status: 500 });
    expect(await errorOf(client.files.retrieve('file-1'))).toMatchObject({ status: 500 });
    expect(trail()).toBe('seoul:500');
  });

  test('unless the request names another one, which then is the only one that is asked', async () => {
    const { client, tokyo, trail } = await start({ client: { maxRetries: 0 } });
    const named = routed({ endpoint: 'tokyo' });
    const kept = await client.responses.create({ model: 'gpt-4.1', input: 'hi' }, named);
    await client.responses.retrieve(kept.id, undefined, named);
    expect(await errorOf(client.responses.retrieve(kept.id))).toMatchObject({ status: 404 });
    tokyo.fault({ kind: 'status', status: 500 });
    expect(await errorOf(client.chat.completions.create(question(), named))).toMatchObject({ status: 500 });
    expect(trail()).toBe('tokyo:200 tokyo:200 seoul:404 tokyo:500');
  });
});

describe('uploads', () => {
  const audio = async () => toFile(Buffer.from('RIFF....WAVE'), 'a.wav', { type: 'audio/wav' });

  test('of forms are sent again elsewhere, with the name of the model there', async () => {
    const { client, simulator, seoul } = await start({
      simulator: { regions: { seoul: {}, tokyo: { models: ['my-ears'] } } },
      endpoint: ({ name }) => (name === 'tokyo' ? { models: { 'whisper-1': 'my-ears' } } : {}),
    });
    seoul.fault({ kind: 'reset' });
    const answer = await client.audio.transcriptions.create({
      file: await audio(),
      model: 'whisper-1',
      prompt: 'müde',
    });
    expect(answer.text).toBeTypeOf('string');
    expect(simulator.log.map(({ region, model }) => `${region}/${model}`)).toEqual([
      'seoul/whisper-1',
      'tokyo/my-ears',
    ]);
    const [first, second] = simulator.log.map(({ body }) => body as Record<string, unknown>);
    expect(second).toEqual({ ...first, model: 'my-ears' });
    expect(JSON.stringify(second)).toContain('a.wav');
    expect(JSON.stringify(second)).toContain('müde');
  });

  test('of a stream get one attempt, because a stream can be read once', async () => {
    const { client, seoul, trail } = await start();
    seoul.fault({ kind: 'status', status: 500 });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(JSON.stringify(question())));
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/json' };
    const call = client.post('/chat/completions', { body, headers });
    expect(await errorOf(call)).toMatchObject({ status: 500 });
    expect(trail()).toBe('seoul:500');
  });
});
