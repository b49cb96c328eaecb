import { type SimulatorOptions, startSimulator } from '@breakwater/simulator';
import OpenAI, { AzureOpenAI, createFetch, isNoTargetError, routeOf, trippers } from 'breakwater';
import Official from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { expect, onTestFinished, test } from 'vitest';

const params = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'echo: one two three four five' }] };

async function start(options: SimulatorOptions) {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  const endpoints = simulator.regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `sk-${name}` }));
  const trail = () => simulator.log.map(({ region, status }) => `${region}:${status}`).join(' ');
  const azureAt = (name: string) =>
    new AzureOpenAI({
      endpoint: simulator.region(name).azureEndpoint,
      apiKey: `sk-${name}`,
      apiVersion: '2024-10-21',
    });
  return { simulator, endpoints, trail, azureAt };
}

test('Azure and OpenAI together: a deployment answers for its model, and the other provider for the rest', async () => {
  const { simulator, trail, azureAt } = await start({
    models: ['gpt-4.1', 'gpt-4o', 'my-deployment'],
    regions: { azure: {}, openai: {} },
  });
  const client = new OpenAI({
    baseURL: simulator.region('openai').baseURL,
    apiKey: 'sk-openai',
    router: {
      routing: 'priority',
      endpoints: [{ id: 'azure', client: azureAt('azure'), models: { 'gpt-4.1': 'my-deployment' } }, { id: 'openai' }],
    },
  });
  await client.chat.completions.create(params);
  expect(simulator.log[0]?.path).toBe('/openai/deployments/my-deployment/chat/completions');
  await client.chat.completions.create({ ...params, model: 'gpt-4o' });
  simulator.region('azure').fault({ kind: 'status', status: 503, times: 1 });
  await client.chat.completions.create(params);
  expect(trail()).toBe('azure:200 openai:200 azure:503 openai:200');
});

test('bought throughput is filled first, and only what does not fit is paid by use', async () => {
  const limits = { tokensPerMinute: 600, headers: 'azure-provisioned' as const };
  const { trail, azureAt } = await start({ regions: { bought: { limits }, 'by-use': {} } });
  const client = new OpenAI({
    apiKey: 'unused',
    router: {
      endpoints: [
        { id: 'bought', tier: 0, client: azureAt('bought') },
        { id: 'by-use', tier: 1, client: azureAt('by-use') },
      ],
      routing: { spillRatio: false },
    },
  });
  for (const max_tokens of [500, 500, 10]) await client.chat.completions.create({ ...params, max_tokens });
  expect(trail()).toBe('bought:200 bought:429 by-use:200 bought:200');
});

test('when the budget is spent the cheaper fallback answers', async () => {
  const { endpoints } = await start({ models: ['gpt-4.1', 'gpt-4.1-mini'], regions: { openai: {} } });
  const client = new OpenAI({
    apiKey: 'unused',
    router: {
      endpoints,
      fallbacks: { 'gpt-4.1': ['gpt-4.1-mini'] },
      budget: { perDayUSD: 0.000_001, onExceeded: 'cheapest' },
    },
  });
  const models = [];
  for (let call = 0; call < 2; call += 1) models.push(routeOf(await client.chat.completions.create(params))?.model);
  expect(models).toEqual(['gpt-4.1', 'gpt-4.1-mini']);
});

test('a route handler answers with a stream that goes on when its region breaks off, and with a 503 when nobody is left', async () => {
  const { simulator, endpoints, trail } = await start({ regions: { seoul: {}, tokyo: {} } });
  const client = new OpenAI({ apiKey: 'unused', router: { routing: 'priority', endpoints } });
  const POST = async (request: Request): Promise<Response> => {
    try {
      const stream = await client.chat.completions.create({ ...params, stream: true }, { signal: request.signal });
      return new Response(stream.toReadableStream());
    } catch (error) {
      if (!isNoTargetError(error)) throw error;
      return new Response(null, { status: 503 });
    }
  };
  const request = new Request('http://localhost/chat', { method: 'POST' });
  simulator.region('seoul').fault({ kind: 'cut', afterTokens: 3, times: 1 });
  const { body } = await POST(request);
  expect(body).not.toBeNull();
  if (body) expect(await ChatCompletionStream.fromReadableStream(body).finalContent()).toBe('one two three four five');
  expect(trail()).toBe('seoul:200 tokyo:200');

  for (const { id } of endpoints) client.router.target(`${id}/gpt-4.1`).breaker.open();
  expect((await POST(request)).status).toBe(503);
});

test('behind another SDK, too, a chat goes on when its region breaks off in the middle', async () => {
  const { simulator, endpoints } = await start({ regions: { seoul: {}, tokyo: {} } });
  const { baseURL } = simulator.region('seoul');
  const fetch = createFetch({ baseURL, routing: 'priority', endpoints });
  const other = new Official({ baseURL, apiKey: 'unused', maxRetries: 0, fetch });
  simulator.region('seoul').fault({ kind: 'cut', afterTokens: 3, times: 1 });
  let text = '';
  for await (const chunk of await other.chat.completions.create({ ...params, stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('one two three four five');
});

test('what stands for allowed_fails opens at the failure after the allowed ones', async () => {
  const { simulator, endpoints, trail } = await start({ regions: { seoul: {}, tokyo: {} } });
  const tripper = trippers.custom(({ stats }) => stats.failures > 3, 'more than 3 failures in a minute');
  const breaker = { tripper, openMs: 30_000, openMultiplier: 1 };
  const client = new OpenAI({ apiKey: 'unused', router: { routing: 'priority', endpoints, breaker } });
  simulator.region('seoul').fault({ kind: 'status', status: 500 });
  for (let call = 0; call < 6; call += 1) await client.chat.completions.create(params);
  const failed = 'seoul:500 tokyo:200';
  expect(trail()).toBe([failed, failed, failed, failed, 'tokyo:200', 'tokyo:200'].join(' '));
});

test('what stands for a nested load balance shares three to one, and another model answers when both are gone', async () => {
  const models = ['gpt-4.1'];
  const regions = { openai: { models }, eu: { models }, anthropic: { models: ['claude-sonnet-4-5'] } };
  const { simulator, endpoints } = await start({ regions });
  const weights: Record<string, number> = { openai: 3, eu: 1, anthropic: 1 };
  const client = new OpenAI({
    apiKey: 'unused',
    router: {
      endpoints: endpoints.map((one) => ({
        ...one,
        weight: weights[one.id] ?? 1,
        models: one.id === 'anthropic' ? ['claude-sonnet-4-5'] : models,
      })),
      routing: 'weighted-round-robin',
      fallbacks: { 'gpt-4.1': ['claude-sonnet-4-5'] },
    },
  });
  for (let call = 0; call < 8; call += 1) await client.chat.completions.create(params);
  expect(simulator.requests({ region: 'openai', path: '/chat/completions' })).toHaveLength(6);
  expect(simulator.requests({ region: 'eu', path: '/chat/completions' })).toHaveLength(2);
  for (const name of ['openai', 'eu']) simulator.region(name).fault({ kind: 'refuse' });
  expect(routeOf(await client.chat.completions.create(params))?.model).toBe('claude-sonnet-4-5');
});
