import { instrument } from '@breakwater/otel';
import { expect, test } from 'vitest';
import { ask, start, until } from '../client/setup.js';
import { told, watched } from './setup.js';

// A library and the program that uses it had both instrumented the client: the tokens of the dashboard were twice those of the bill.
test('a client that is instrumented twice is measured once, and the second undo is the first', async () => {
  const { client } = await start();
  const { undo, spans, points, providers } = watched(client);
  expect(instrument(client, providers)).toBe(undo);
  await ask(client, false);
  await until(() => spans().length > 0);
  expect(spans().map(({ name }) => name)).toEqual(['attempt seoul/gpt-4.1', 'chat gpt-4.1']);
  expect(told(await points(), 'breakwater.client.attempts').map(([, value]) => value)).toEqual([1]);
});

test('after its undo, or for another provider, a client is instrumented anew', async () => {
  const { client } = await start();
  const first = watched(client);
  const second = watched(client);
  first.undo();
  const third = instrument(client, first.providers);
  expect(third).not.toBe(first.undo);
  await ask(client, false);
  expect([first, second].map(({ spans }) => spans().length)).toEqual([2, 2]);
  third();
});

test('a second call adds what the first had left out, and nothing else', async () => {
  const { client } = await start();
  const { spans, points, providers } = watched(client, { metrics: false });
  const undo = instrument(client, providers);
  await ask(client, false);
  expect(spans()).toHaveLength(2);
  expect(told(await points(), 'breakwater.client.attempts')).toHaveLength(1);
  undo();
});

test('a list of models is asked of no model, and its spans and metrics name none', async () => {
  const { client } = await start();
  const { spans, points } = watched(client);
  await client.models.list();
  await until(() => spans().length === 2);
  expect(spans().map(({ name }) => name)).toEqual(['attempt seoul', 'request']);
  for (const { attributes } of [...spans(), ...(await points()).filter(({ name }) => !/state|in_flight/.test(name))])
    for (const name of ['gen_ai.request.model', 'gen_ai.response.model']) expect(attributes).not.toHaveProperty([name]);
});

test.each([
  [null, 'null'],
  [undefined, 'undefined'],
  [{}, 'an object of the class Object'],
  ['client', 'a string'],
])('%s is no client, which is said with what helps', (given, shown) => {
  expect(() => instrument(given as never)).toThrow(
    new TypeError(
      `instrument(client): client must be a client of breakwater with a router, but is ${shown}; make it with new OpenAI({ router: {} }) of 'breakwater'`,
    ),
  );
});

test.each([[null], [[]], ['spans']])('%j are no options', async (given) => {
  const { client } = await start();
  expect(() => instrument(client, given as never)).toThrow('instrument(client, options): options must be an object');
});
