import { isLimitExceededError, type LimitExceededError, modelPrices, type RouterOptions, routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, routed, start } from './setup.js';

/** What `gpt-4.1` costs by the list. */
const { inputPerMillionUSD, outputPerMillionUSD } = modelPrices['gpt-4.1'] ?? {
  inputPerMillionUSD: Number.NaN,
  outputPerMillionUSD: Number.NaN,
};
interface Told {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}
const costOf = (told: Told | null | undefined) =>
  told ? (told.prompt_tokens * inputPerMillionUSD + told.completion_tokens * outputPerMillionUSD) / 1e6 : Number.NaN;
/** A model for which a single token costs more than any budget here. */
const dear = { inputPerMillionUSD: 1e6, outputPerMillionUSD: 1e6 };

describe('what a call cost', () => {
  test('is in its route and in the statistics, by target and by tag', async () => {
    const { client } = await start();
    const answer = await client.chat.completions.create(question(), routed({ tags: ['team-a', 'chat'] }));
    const costUSD = costOf(answer.usage);
    const usage = { inputTokens: answer.usage?.prompt_tokens, outputTokens: answer.usage?.completion_tokens };
    expect(costUSD).toBeGreaterThan(0);
    expect(routeOf(answer)?.usage).toMatchObject(usage);
    expect(routeOf(answer)?.costUSD).toBeCloseTo(costUSD, 12);
    const { spent, tags, targets } = client.router.stats();
    for (const sum of [spent, tags['team-a'], tags.chat, targets['seoul/gpt-4.1']?.spent]) {
      expect(sum).toMatchObject(usage);
      expect(sum?.costUSD).toBeCloseTo(costUSD, 12);
    }
  });

  test('of a stream is there when it has been read, if it was asked to tell', async () => {
    const { client } = await start();
    const events = eventsOf(client, ['attempt.succeeded']);
    const stream = await client.chat.completions.create({
      ...question(),
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(routeOf(stream)).toMatchObject({ usage: undefined, costUSD: undefined });
    let told: Told | null | undefined;
    for await (const chunk of stream) told = chunk.usage ?? told;
    expect(routeOf(stream)?.costUSD).toBeCloseTo(costOf(told), 12);
    expect(events[0]?.payload.costUSD).toBe(routeOf(stream)?.costUSD);
    expect(client.router.stats().spent.costUSD).toBe(routeOf(stream)?.costUSD);
    await ask(client, true);
    expect(client.router.stats().spent.costUSD).toBe(routeOf(stream)?.costUSD);
  });

  test('is known of responses and vectors', async () => {
    const { client } = await start();
    const response = await client.responses.create({ model: 'gpt-4.1', input: 'echo: hello' });
    expect(routeOf(response)?.costUSD).toBeGreaterThan(0);
    const streamed = await client.responses.create({ model: 'gpt-4.1', input: 'echo: hello', stream: true });
    for await (const _ of streamed);
    expect(routeOf(streamed)?.costUSD).toBe(routeOf(response)?.costUSD);
    const vectors = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello there' });
    expect(routeOf(vectors)?.costUSD).toBeCloseTo((vectors.usage.prompt_tokens * 0.02) / 1e6, 15);
  });

  test('goes by the prices of the endpoint, then those of the router, then the list; also by the endpoint’s own name', async () => {
    const free = { inputPerMillionUSD: 0, outputPerMillionUSD: 0 };
    const costAt = async (router: RouterOptions, own: object) => {
      const models = ['smart', 'gpt-4.1-2025-04-14'];
      const { client } = await start({ simulator: { regions: { seoul: { models } } }, router, endpoint: () => own });
      return routeOf(await client.chat.completions.create({ ...question(), model: 'smart' }))?.costUSD;
    };
    const models = { smart: 'gpt-4.1-2025-04-14' };
    expect(await costAt({}, {})).toBeUndefined();
    expect(await costAt({}, { models })).toBeGreaterThan(0);
    expect(await costAt({ prices: { smart: free } }, { models })).toBe(0);
    expect(await costAt({ prices: { smart: free } }, { models, prices: { 'gpt-4.1': dear } })).toBeGreaterThan(1);
  });

  // A program that says `gpt-4.1` was moved to another provider's model, and its bills were reckoned at the price of `gpt-4.1`.
  test('is by the list that of the model which the endpoint serves under the name of another', async () => {
    const models = { 'gpt-4.1': 'claude-sonnet-4-5' };
    const { client } = await start({
      simulator: { regions: { seoul: { models: Object.values(models) } } },
      endpoint: () => ({ models }),
    });
    const answer = await client.chat.completions.create(question());
    const { prompt_tokens = 0, completion_tokens = 0 } = answer.usage ?? {};
    expect(routeOf(answer)?.costUSD).toBeCloseTo((prompt_tokens * 3 + completion_tokens * 15) / 1e6, 12);
  });

  test('is by the list that of the name which callers use where the endpoint’s own is not on it', async () => {
    const models = { 'gpt-4.1': 'my-deployment' };
    const { client } = await start({
      simulator: { regions: { seoul: { models: Object.values(models) } } },
      endpoint: () => ({ models }),
    });
    const answer = await client.chat.completions.create(question());
    expect(routeOf(answer)?.costUSD).toBeCloseTo(costOf(answer.usage), 12);
  });
});

describe('a budget', () => {
  const prices = { 'gpt-4.1': dear };

  test('that is spent rejects calls, as the error of a 429 that names it, and sends nothing', async () => {
    const { client, simulator } = await start({ router: { prices, budget: { perDayUSD: 1 } } });
    const events = eventsOf(client, ['budget.exceeded']);
    await ask(client, false);
    const error = await errorOf<LimitExceededError>(client.chat.completions.create(question()));
    expect(isLimitExceededError(error)).toBe(true);
    expect(error).toMatchObject({ status: 429, skipped: [] });
    expect(error.message).toMatch(/router\.budget\.perDayUSD of \$1 is spent: \$\d+ today \(UTC\)\. Raise it, or/);
    expect(error.retryAfterMs).toBeLessThanOrEqual(86_400_000);
    expect(simulator.log).toHaveLength(1);
    expect(events).toMatchObject([{ payload: { period: 'day', limitUSD: 1 } }]);
    expect(client.router.stats().budget?.day?.limitUSD).toBe(1);
    await client.models.list();
  });

  test('counts streams that do not tell what they used, about', async () => {
    const { client, simulator } = await start({ router: { prices, budget: { perDayUSD: 1 } } });
    await ask(client, true);
    await errorOf(ask(client, true));
    expect(simulator.log).toHaveLength(1);
    expect(client.router.stats().spent).toMatchObject({ estimated: 1, unpriced: 0 });
  });

  test('goes on with a cheaper fallback', async () => {
    const { client } = await start({
      router: {
        prices,
        budget: { perDayUSD: 1, onExceeded: 'cheapest' },
        fallbacks: { 'gpt-4.1': ['gpt-4o', 'gpt-4o-mini'] },
      },
    });
    const models = [];
    for (let call = 0; call < 3; call += 1)
      models.push(routeOf(await client.chat.completions.create(question()))?.model);
    expect(models).toEqual(['gpt-4.1', 'gpt-4o-mini', 'gpt-4o-mini']);
  });

  test('is the family’s: a child of withOptions spends the same', async () => {
    const { client } = await start({ router: { prices, budget: { perDayUSD: 1 } } });
    await ask(client.withOptions({ maxRetries: 0 }), false);
    expect(isLimitExceededError(await errorOf(client.chat.completions.create(question())))).toBe(true);
  });

  test('complains of a model without a price, by the logger', async () => {
    const warnings: unknown[] = [];
    const logger = { warn: (text: unknown) => void warnings.push(text), error() {}, info() {}, debug() {} };
    const { client } = await start({
      simulator: { regions: { seoul: { models: ['own'] } } },
      client: { logger, logLevel: 'warn' },
      router: { budget: { perDayUSD: 1 } },
    });
    for (let call = 0; call < 2; call += 1) await client.chat.completions.create({ ...question(), model: 'own' });
    expect(warnings).toEqual([
      'router.budget does not count everything: seoul/own has no price; give it one in router.prices["own"]',
    ]);
  });
});

test('tags are a list of texts', async () => {
  const { client } = await start();
  const error = await errorOf(client.chat.completions.create(question(), routed({ tags: ['a', ''] })));
  expect(error.message).toContain('router.tags[1] must be a non-empty string');
});

test('the list prices can be had, and not be changed', () => {
  expect(modelPrices['gpt-4o-mini']).toEqual({
    inputPerMillionUSD: 0.15,
    cachedInputPerMillionUSD: 0.075,
    outputPerMillionUSD: 0.6,
  });
  expect(Object.isFrozen(modelPrices)).toBe(true);
  for (const [model, price] of Object.entries(modelPrices)) {
    expect(Object.isFrozen(price)).toBe(true);
    expect([model, (price.cachedInputPerMillionUSD ?? 0) < price.inputPerMillionUSD]).toEqual([model, true]);
    expect([
      model,
      price.outputPerMillionUSD === 0 || price.outputPerMillionUSD >= 4 * price.inputPerMillionUSD,
    ]).toEqual([model, model !== 'gpt-4o-2024-05-13']);
  }
});
