import { cannedReplies, isNoTargetError, type RouterOptions, routeOf } from 'breakwater';
import { zodResponseFormat } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ask, errorOf, eventsOf, question, start, type WorldOptions } from './setup.js';

/** A world in which nobody answers. */
async function startDead(router: RouterOptions, more: WorldOptions = {}) {
  const world = await start({ client: { maxRetries: 0 }, ...more, router });
  for (const region of [world.seoul, world.tokyo]) region.fault({ kind: 'status', status: 500 });
  return world;
}

const SORRY = 'Sorry, please try again.';

describe('a last resort that is a text', () => {
  test.each([false, true])('is a well-formed chat completion (streamed: %s)', async (streamed) => {
    const { client } = await startDead({ lastResort: () => SORRY });
    expect(await ask(client, streamed)).toBe(SORRY);
  });

  test('has all that a completion has, and says whose it is', async () => {
    const { client } = await startDead({ lastResort: () => SORRY });
    const events = eventsOf(client, ['lastresort.used', 'request.succeeded', 'request.failed']);
    const answer = await client.chat.completions.create(question());
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-4.1',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: SORRY } }],
    });
    expect(routeOf(answer)).toMatchObject({ lastResort: true });
    expect(routeOf(answer)?.attempts.map(({ status }) => status)).toEqual([500, 500]);
    expect(events.map(({ name, payload }) => `${name} ${payload.target ?? payload.kind}`)).toEqual([
      'lastresort.used server_error',
      'request.succeeded lastResort',
    ]);
  });

  test('works with completions and responses, streamed or not', async () => {
    const { client } = await startDead({ lastResort: () => SORRY });
    const prompt = { model: 'gpt-3.5-turbo-instruct', prompt: 'hi' };
    expect((await client.completions.create(prompt)).choices[0]?.text).toBe(SORRY);
    let text = '';
    for await (const chunk of await client.completions.create({ ...prompt, stream: true })) {
      text += chunk.choices[0]?.text;
    }
    expect(text).toBe(SORRY);
    const input = { model: 'gpt-4.1', input: 'hi' };
    expect((await client.responses.create(input)).output_text).toBe(SORRY);
    const types: string[] = [];
    for await (const event of await client.responses.create({ ...input, stream: true })) types.push(event.type);
    expect(types).toEqual([
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test("works with the official client's helpers", async () => {
    const format = zodResponseFormat(z.object({ say: z.string() }), 'reply');
    const { client } = await startDead({ lastResort: () => '{"say":"sorry"}' });
    const parsed = await client.chat.completions.parse({ ...question(), response_format: format });
    expect(parsed.choices[0]?.message.parsed).toEqual({ say: 'sorry' });
    const helper = client.chat.completions.stream(question());
    expect((await helper.finalChatCompletion()).choices[0]?.message.content).toBe('{"say":"sorry"}');
    const typed = client.responses.stream({ model: 'gpt-4.1', input: 'hi' });
    expect((await typed.finalResponse()).output_text).toBe('{"say":"sorry"}');
  });
});

describe('a last resort that is a whole answer', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'help', arguments: '{}' } };
  const whole = {
    id: 'mine',
    object: 'chat.completion',
    created: 1,
    model: 'mine',
    choices: [
      { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, tool_calls: [call] } },
    ],
  };

  test('is given as it is', async () => {
    const { client } = await startDead({ lastResort: async () => whole });
    expect(await client.chat.completions.create(question())).toMatchObject(whole);
  });

  test('is streamed so that the helpers put it together again, tool calls included', async () => {
    const { client } = await startDead({ lastResort: () => whole });
    const final = await client.chat.completions.stream(question()).finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls).toMatchObject([call]);
  });

  test('of the responses kind is streamed with items that are not text, too', async () => {
    const item = {
      id: 'fc_1',
      type: 'function_call',
      call_id: 'c1',
      name: 'help',
      arguments: '{"a":1}',
      status: 'completed',
    };
    const output = [item, { id: 'm', type: 'message', role: 'assistant', status: 'completed', content: [] }];
    const response = { id: 'mine', object: 'response', created_at: 1, model: 'mine', status: 'completed', output };
    const { client } = await startDead({ lastResort: () => response });
    const final = await client.responses.stream({ model: 'gpt-4.1', input: 'hi' }).finalResponse();
    expect(final.output).toMatchObject(output);
  });

  test('answers resources that no text can answer', async () => {
    const { client } = await startDead({
      lastResort: () => ({ object: 'list', data: [{ embedding: [0.5], index: 0 }] }),
    });
    const vectors = await client.embeddings.create({ model: 'a', input: 'b', encoding_format: 'float' });
    expect(vectors.data[0]?.embedding).toEqual([0.5]);
  });
});

describe('a last resort is told', () => {
  test('the official error and the request', async () => {
    const told: unknown[] = [];
    const { client } = await startDead({
      lastResort: (...parts) => {
        told.push(...parts);
        return undefined;
      },
    });
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 500 });
    expect(told[0]).toMatchObject({ status: 500, type: 'server_error' });
    expect(told[0]).toBeInstanceOf((await import('openai')).InternalServerError);
    expect(told[1]).toMatchObject({ resource: 'chat.completions', model: 'gpt-4.1', streamed: false });
    expect((told[1] as { params: unknown }).params).toEqual(question());
  });

  // It was given another error than those without a last resort are thrown, which `isNoTargetError` did not know.
  test('the very error that the caller would be thrown', async () => {
    const told: unknown[] = [];
    const { client } = await start({ router: { lastResort: (error) => void told.push(error) } });
    for (const id of ['seoul/gpt-4.1', 'tokyo/gpt-4.1']) client.router.target(id).breaker.open();
    const thrown = await errorOf(client.chat.completions.create(question()));
    expect(isNoTargetError(told[0])).toBe(true);
    expect(told[0]).toMatchObject({ message: thrown.message, code: 'BREAKWATER_NO_TARGET' });
  });

  test('nothing when the caller made the mistake', async () => {
    const { client, seoul } = await start({ router: { lastResort: () => SORRY } });
    seoul.fault({ kind: 'status', status: 400 });
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 400 });
  });

  test('in vain when it fails itself: the error goes through, and the failure is logged', async () => {
    const warned: unknown[] = [];
    const silent = () => {};
    const logger = { error: silent, info: silent, debug: silent, warn: (...parts: unknown[]) => warned.push(parts) };
    const lastResort = () => {
      throw new Error('broken as well');
    };
    const { client } = await startDead({ lastResort }, { client: { maxRetries: 0, logger, logLevel: 'warn' } });
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 500 });
    expect(warned).toHaveLength(1);
    expect(String(warned[0])).toContain('lastResort failed');
  });

  test('also when the time of the whole call is over', async () => {
    const { client, seoul, tokyo } = await start({ router: { lastResort: () => SORRY } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    const answer = await client.chat.completions.create(question(), { timeout: 300 });
    expect(answer.choices[0]?.message.content).toBe(SORRY);
  });
});

test('canned replies answer by what the user asked', async () => {
  const rules = [
    { when: 'refund', reply: 'Refunds take 5 days.' },
    { when: [/open(?:ing)?/i], reply: 'Nine to five.' },
  ];
  const { client } = await startDead({ lastResort: cannedReplies(rules, 'We will call back.') });
  expect(await ask(client, false, 'Where is my REFUND?')).toBe('Refunds take 5 days.');
  expect(await ask(client, true, 'When do you Open?')).toBe('Nine to five.');
  expect(await ask(client, true, 'Hello')).toBe('We will call back.');
});

// The official timer had aborted the request by then, and openai 7 ends a stream whose signal is aborted without a word: the caller
// read an empty answer.
describe('a last resort after the time of the whole call', () => {
  const silent = { client: { maxRetries: 0, timeout: 200 } };

  test.each([false, true])('is an answer still (streamed: %s)', async (streamed) => {
    const { client, seoul, tokyo } = await start({ ...silent, router: { lastResort: () => SORRY } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    expect(await ask(client, streamed)).toBe(SORRY);
  });

  test('is one for the stream helpers too', async () => {
    const { client, seoul, tokyo } = await start({ ...silent, router: { lastResort: () => SORRY } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    expect(await client.chat.completions.stream(question()).finalContent()).toBe(SORRY);
  });
});
