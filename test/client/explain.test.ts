import OpenAI, { createFetch, type Explanation, isOptionsError, type RouterOptions } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { ask, eventsOf, question, routed, standing, start } from './setup.js';

/** Three regions that nobody is there to answer for. */
function nobodyHome(router: RouterOptions = {}): OpenAI {
  const ids = ['seoul', 'tokyo', 'virginia'];
  const endpoints = ids.map((id) => ({ id, baseURL: `http://127.0.0.1:9/${id}`, apiKey: `sk-${id}` }));
  return new OpenAI({ apiKey: 'sk-own', logLevel: 'off', router: { routing: 'priority', endpoints, ...router } });
}

const leftOut = (explanation: Explanation) =>
  explanation.models[0]?.leftOut.map(({ endpoint, reason }) => `${endpoint} ${reason}`);

describe('client.router.explain', () => {
  test('tells whom a request would go to, and sends nothing', async () => {
    const { client, simulator } = await start();
    const events = eventsOf(client);
    const explanation = client.router.explain({ ...question(), stream: true });
    expect(explanation).toMatchObject({ model: 'gpt-4.1', streamed: true, order: ['seoul/gpt-4.1', 'tokyo/gpt-4.1'] });
    expect(String(explanation)).toMatch(/^a stream of gpt-4.1, by priority, at most 8 attempts\n/);
    expect([simulator.log, events]).toEqual([[], []]);
  });

  test('tells the truth: the next request goes there', async () => {
    const { client, seoul, trail } = await start({ router: { breaker: { failureStreak: 1 } } });
    seoul.fault({ kind: 'status', status: 500 });
    await ask(client, false);
    const before = standing(client);
    const explanation = client.router.explain(question());
    expect(explanation.order).toEqual(['tokyo/gpt-4.1']);
    expect(explanation.models[0]?.targets[0]?.reasons).toMatchObject([{ reason: 'breaker', state: 'open' }]);
    expect(JSON.stringify(standing(client)).replaceAll(/"\w+Ms":[\d.]+/g, '')).toBe(
      JSON.stringify(before).replaceAll(/"\w+Ms":[\d.]+/g, ''),
    );
    await ask(client, false);
    expect(trail()).toBe('seoul:500 tokyo:200 tokyo:200');
  });

  test('takes the fallbacks of the client, or those of the request', () => {
    const { router } = nobodyHome({ fallbacks: ['gpt-4o'] });
    const models = (explanation: Explanation) => explanation.models.map(({ model }) => model);
    expect(models(router.explain(question()))).toEqual(['gpt-4.1', 'gpt-4o']);
    expect(models(router.explain(question(), { router: { fallbacks: ['mini', 'nano'] } }))).toEqual([
      ...['gpt-4.1', 'mini', 'nano'],
    ]);
    expect(models(router.explain(question(), { router: { fallbacks: false } }))).toEqual(['gpt-4.1']);
    // Vectors of another model are nonsense: a list for everything is meant for text.
    expect(models(router.explain({ model: 'e' }, { resource: 'embeddings' }))).toEqual(['e']);
  });

  test('heeds what the request says of endpoints', () => {
    const { router } = nobodyHome();
    expect(leftOut(router.explain(question(), { router: { exclude: ['seoul'] } }))).toEqual(['seoul excluded']);
    expect(router.explain(question(), { router: { endpoint: 'tokyo' } })).toMatchObject({
      order: ['tokyo/gpt-4.1'],
      isAlone: true,
    });
  });

  test('leaves what keeps state at the first endpoint', () => {
    const { router } = nobodyHome({ fallbacks: ['gpt-4o'] });
    const stays = ['tokyo stays', 'virginia stays'];
    const answer = { model: 'gpt-4.1', previous_response_id: 'resp_1' };
    expect(leftOut(router.explain(answer, { resource: 'responses' }))).toEqual(stays);
    expect(leftOut(router.explain({}, { resource: 'other' }))).toEqual(stays);
    const withFile = {
      ...question(),
      messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }],
    };
    expect(leftOut(router.explain(withFile))).toEqual(stays);
  });

  test('asks the function for the sticky key, and tells where such requests meet', () => {
    const { router } = nobodyHome({
      routing: { strategy: 'adaptive', stickyKey: ({ params }) => (params as { user?: string }).user },
    });
    const decisionsOf = (explanation: Explanation) => explanation.models[0]?.decisions;
    const byParams = decisionsOf(router.explain({ ...question(), user: 'kim' } as never));
    expect(byParams).toMatchObject([{ by: 'sticky' }]);
    expect(decisionsOf(router.explain(question(), { router: { stickyKey: 'kim' } }))).toEqual(byParams);
    expect(decisionsOf(router.explain(question()))).toEqual([]);
  });

  test('goes by the key that was refused', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'status', status: 401 });
    await ask(client, false);
    const [target] = client.router.explain(question()).models[0]?.targets ?? [];
    expect(target?.reasons).toMatchObject([{ reason: 'quarantine', because: 'auth' }]);
    expect(JSON.stringify(client.router.explain(question()))).not.toContain('sk-');
  });

  test('refuses options that a request would not have, all of them at once', () => {
    const { router } = nobodyHome();
    const faultsOf = (explain: () => unknown) => {
      try {
        explain();
      } catch (error) {
        return isOptionsError(error) ? error.message : error;
      }
      return 'none';
    };
    const options = { resource: 'chat', extra: 1 } as never;
    expect(faultsOf(() => router.explain(question(), options))).toMatch(/explain\.resource must be .*explain\.extra/s);
    expect(faultsOf(() => router.explain(question(), routed({ endpoint: 'mars' }) as never))).toMatch(/mars/);
    expect(faultsOf(() => router.explain(undefined as never))).toMatch(/explain\.params must be an object/);
  });

  test('is there for other SDKs too', () => {
    const fetch = createFetch({ baseURL: 'http://127.0.0.1:9/v1', apiKey: 'sk-own' });
    expect(fetch.router.explain(question()).order).toEqual(['default/gpt-4.1']);
  });
});
