import { expect, test } from 'vitest';
import { answerOf, asked, readOut, startBroken } from '../client/rescue-setup.js';
import { errorOf, question, start, until } from '../client/setup.js';
import { told, watched } from './setup.js';

const at = (baseURL: string) => ({
  ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4.1' },
  ...{ 'server.address': '127.0.0.1', 'server.port': Number(new URL(baseURL).port) },
});
const many = (count: number) => expect.objectContaining({ count });
const target = (endpoint: string) => ({ 'breakwater.endpoint': endpoint, 'gen_ai.request.model': 'gpt-4.1' });

test('whole answers: how long they took, what they used, and who was asked', async () => {
  const { client, seoul, tokyo } = await start();
  const { points } = watched(client);
  seoul.fault({ kind: 'status', status: 500, times: 1 });
  for (let i = 0; i < 3; i += 1) await client.chat.completions.create(question());
  const all = await points();
  const answered = (baseURL: string) => ({ ...at(baseURL), 'gen_ai.response.model': 'gpt-4.1' });
  expect(told(all, 'gen_ai.client.operation.duration')).toEqual([
    [answered(tokyo.baseURL), many(1)],
    [answered(seoul.baseURL), many(2)],
  ]);
  expect(told(all, 'gen_ai.client.token.usage')).toEqual(
    [
      [tokyo.baseURL, 'input', 1],
      [tokyo.baseURL, 'output', 1],
      [seoul.baseURL, 'input', 2],
      [seoul.baseURL, 'output', 2],
    ].map(([url, type, count]) => [{ ...answered(`${url}`), 'gen_ai.token.type': type }, many(Number(count))]),
  );
  expect(told(all, 'breakwater.client.attempts')).toEqual([
    [{ ...target('seoul'), 'error.type': 'server_error' }, 1],
    [target('tokyo'), 1],
    [target('seoul'), 2],
  ]);
  expect(told(all, 'breakwater.client.failovers')).toEqual([
    [{ 'breakwater.from': 'seoul', 'breakwater.to': 'tokyo', 'error.type': 'server_error' }, 1],
  ]);
  expect(told(all, 'gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
});

test('streams: their first content, their pace, and how they went on', async () => {
  const { client, seoul, tokyo } = await startBroken();
  const { points } = watched(client);
  seoul.fault({ kind: 'cut', afterTokens: 40 });
  for (const region of [seoul, tokyo]) region.set({ tokensPerSecond: 500 });
  await answerOf(client);
  await until(() => client.router.stats().targets['tokyo/gpt-4.1']?.succeeded === 1);
  const all = await points();
  const labels = { ...at(tokyo.baseURL), 'gen_ai.response.model': 'gpt-4.1' };
  for (const name of ['duration', 'time_to_first_chunk', 'time_per_output_chunk'])
    expect(told(all, `gen_ai.client.operation.${name}`)).toEqual([[labels, many(1)]]);
  const [[, pace] = []] = told(all, 'gen_ai.client.operation.time_per_output_chunk');
  // Two milliseconds for each token; a chunk may hold several, and a busy machine takes its time.
  expect((pace as { sum: number }).sum).toBeGreaterThan(0.0005);
  expect((pace as { sum: number }).sum).toBeLessThan(1);
  expect(told(all, 'breakwater.client.rescues')).toEqual([
    [{ 'breakwater.from': 'seoul', 'breakwater.to': 'tokyo', 'breakwater.how': 'continue' }, 1],
  ]);
});

test('failures have their kind, and no model that answered', async () => {
  const { client, seoul, tokyo } = await start();
  const { points } = watched(client);
  for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 400 });
  await errorOf(client.chat.completions.create(question()));
  expect(told(await points(), 'gen_ai.client.operation.duration')).toEqual([
    [{ ...at(seoul.baseURL), 'error.type': 'caller_error' }, many(1)],
  ]);
});

test('breakers and what is under way are read when somebody looks', async () => {
  const { client, seoul } = await start({ router: { breaker: { failureStreak: 1 } } });
  const { points } = watched(client, { name: 'shop' });
  const client0 = { 'breakwater.client': 'shop' };
  seoul.fault({ kind: 'status', status: 500 });
  await client.chat.completions.create(question());
  const stream = await client.chat.completions.create(asked);
  const all = await points();
  expect(told(all, 'breakwater.client.breaker.state')).toEqual([
    [{ ...client0, ...target('seoul') }, 2],
    [{ ...client0, ...target('seoul'), 'gen_ai.request.model': '*' }, 0],
    [{ ...client0, ...target('tokyo') }, 0],
    [{ ...client0, ...target('tokyo'), 'gen_ai.request.model': '*' }, 0],
  ]);
  const flights = [
    [{ ...client0, ...target('seoul') }, 0],
    [{ ...client0, ...target('tokyo') }, 1],
  ];
  expect(told(all, 'breakwater.client.in_flight')).toEqual(flights);
  await readOut(stream);
  await until(() => client.router.stats().targets['tokyo/gpt-4.1']?.inFlight === 0);
  expect(told(await points(), 'breakwater.client.in_flight').map(([, value]) => value)).toEqual([0, 0]);
});

test('a breaker that somebody has opened by hand is open, one that is out of use is not', async () => {
  const { client } = await start();
  const { points } = watched(client);
  await client.chat.completions.create(question());
  client.router.target('seoul/gpt-4.1').breaker.open();
  client.router.target('tokyo/gpt-4.1').breaker.disable();
  const states = told(await points(), 'breakwater.client.breaker.state');
  expect(states).toContainEqual([target('seoul'), 2]);
  expect(states).toContainEqual([target('tokyo'), 0]);
});

// Model names come from callers: each one made up would have been a series for ever.
test('of models that callers make up there are so many, and others', async () => {
  const { client } = await start({ simulator: { regions: { seoul: { models: ['gpt-4.1', 'a', 'b', 'c'] } } } });
  const { points, spans } = watched(client, { maxModels: 2 });
  for (const model of ['gpt-4.1', 'a', 'b', 'c', 'gpt-4.1'])
    await client.chat.completions.create({ ...question(), model });
  const all = await points();
  const labels = (name: string) => told(all, name).map(([labels]) => (labels as never)['gen_ai.request.model']);
  for (const name of ['gen_ai.client.operation.duration', 'breakwater.client.attempts', 'breakwater.client.in_flight'])
    expect(new Set(labels(name))).toEqual(new Set(['gpt-4.1', 'a', 'other']));
  const names = spans().map(({ name }) => name);
  expect(names.filter((name) => name === 'chat other').length).toBe(2);
  expect(names).not.toContain('chat c');
});

test('with a list of models no other is told by its name', async () => {
  const { client } = await start({ simulator: { regions: { seoul: { models: ['gpt-4.1', 'a'] } } } });
  const { spans } = watched(client, { models: ['a'] });
  for (const model of ['gpt-4.1', 'a']) await client.chat.completions.create({ ...question(), model });
  expect(spans().map(({ name }) => name)).toEqual(['attempt seoul/other', 'chat other', 'attempt seoul/a', 'chat a']);
});

test('an operation has its name, and an endpoint its provider', async () => {
  const { client } = await start();
  const { spans } = watched(client, { providers: { seoul: 'mistral_ai' }, metrics: false });
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' });
  await client.responses.create({ model: 'gpt-4.1', input: 'echo: hello' });
  await client.models.list();
  const calls = spans().filter(({ name }) => !name.startsWith('attempt'));
  expect(calls.map(({ name }) => name)).toEqual(['embeddings text-embedding-3-small', 'chat gpt-4.1', 'request']);
  expect(calls[0]?.attributes['gen_ai.provider.name']).toBe('mistral_ai');
});
