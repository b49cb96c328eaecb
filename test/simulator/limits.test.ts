import type { RateHeaders, RateLimits, RateNumbers } from '@breakwater/simulator';
import { startSimulator } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { clientOf, failureOf, question, start } from './setup.js';

/** A region with these limits, and a way to ask it for so many tokens at the most. */
async function limited(limits: RateLimits) {
  const { region } = await start({ limits, answerTokens: [20, 20] });
  const ask = (maxTokens: number, { model = 'gpt-4.1', key = 'sk-a', content = 'hi', stream = false } = {}) =>
    fetch(`${region.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...question(content), model, max_tokens: maxTokens, stream }),
    });
  return { region, ask };
}

/** The headers of an answer about limits, which are those that name one. */
function told({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /ratelimit|retry-after|utilization/.test(name)));
}

/** The words of a 429. */
async function wordsOf(response: Response): Promise<string> {
  expect(response.status).toBe(429);
  const { error } = (await response.json()) as { error: { message: string } };
  return error.message;
}

const remainingTokens = (response: Response) => Number(response.headers.get('x-ratelimit-remaining-tokens'));

describe('rate limits', () => {
  test('are told on every answer and enforced', async () => {
    const { client, region } = await start({ limits: { requestsPerMinute: 2, tokensPerMinute: 1000 } });
    const { response } = await client.chat.completions.create({ ...question('hi'), max_tokens: 101 }).withResponse();
    const header = (name: string) => response.headers.get(`x-ratelimit-${name}`);
    expect([header('limit-requests'), header('remaining-requests'), header('reset-requests')]).toEqual([
      '2',
      '1',
      '30s',
    ]);
    expect(header('limit-tokens')).toBe('1000');
    expect(Number(header('remaining-tokens'))).toBeLessThan(900);
    await client.models.list();
    const rejected = await fetch(`${region.baseURL}/models`);
    expect([rejected.status, rejected.headers.get('retry-after')]).toEqual([429, '30']);
    expect(rejected.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await rejected.json()).toMatchObject({ error: { type: 'requests', code: 'rate_limit_exceeded' } });
  });

  test('count tokens, and fill up as time goes by', async () => {
    const { client } = await start({ limits: { tokensPerMinute: 6000 } });
    const ask = (tokens: number) =>
      failureOf(
        client.chat.completions
          .create({ ...question('hi'), max_tokens: tokens })
          .then(() => Promise.reject(new Error('ok'))),
      );
    expect(await ask(5900)).toBe('Error');
    expect(await ask(120)).toBe('RateLimitError 429 rate_limit_exceeded');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await ask(120)).toBe('Error');
  });

  test('charge the larger of max_tokens and of what the prompt is estimated to be, and leave it at that', async () => {
    const { ask } = await limited({ tokensPerDay: 1000 });
    const long = 'sea '.repeat(300);
    expect(remainingTokens(await ask(200))).toBe(800);
    const left = remainingTokens(await ask(1, { content: long }));
    expect(left).toBeLessThan(500);
    expect(remainingTokens(await ask(0, { content: '' }))).toBeGreaterThan(left - 30);
  });

  test.each([false, true])('settle for what was used, if they are asked to (streamed: %s)', async (stream) => {
    const { ask } = await limited({ tokensPerDay: 1000, settle: true });
    const first = await ask(900, { stream });
    expect(remainingTokens(first)).toBe(100);
    await first.text();
    // Twenty tokens of an answer, and a short prompt.
    await expect.poll(async () => remainingTokens(await ask(1))).toBeGreaterThan(800);
  });

  test('are kept for each key by itself', async () => {
    const { ask } = await limited({ perKey: { requestsPerMinute: 1 } });
    const statuses = [await ask(1), await ask(1), await ask(1, { key: 'sk-b' })].map(({ status }) => status);
    expect(statuses).toEqual([200, 429, 200]);
  });

  test('are kept for a model besides those of the region, and the tightest is told', async () => {
    const { ask } = await limited({ requestsPerMinute: 3, models: { 'gpt-4o': { requestsPerMinute: 1 } } });
    const first = await ask(1, { model: 'gpt-4o' });
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    const [again, other] = [await ask(1, { model: 'gpt-4o' }), await ask(1)];
    expect([again.status, other.status]).toEqual([429, 200]);
    // What was refused has taken nothing of the region's either.
    expect(other.headers.get('x-ratelimit-remaining-requests')).toBe('1');
  });

  test('of a day are told where there are none of a minute, and fill up over a day', async () => {
    const { ask } = await limited({ requestsPerDay: 200 });
    expect(told(await ask(1))).toMatchObject({
      'x-ratelimit-limit-requests': '200',
      'x-ratelimit-reset-requests': '7m12s',
    });
  });

  test('say nothing of when to come back, if they are asked not to', async () => {
    const { ask } = await limited({ requestsPerMinute: 1, retryAfter: false });
    await ask(1);
    expect(Object.keys(told(await ask(1)))).toEqual([
      'x-ratelimit-limit-requests',
      'x-ratelimit-remaining-requests',
      'x-ratelimit-reset-requests',
    ]);
  });

  test('end in a quota that does not come back', async () => {
    const { ask } = await limited({ quotaTokens: 100 });
    await ask(90);
    const refused = await ask(90);
    expect(told(refused)).toEqual({});
    expect(await refused.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  });
});

describe('headers', () => {
  const numbers = { requestsPerMinute: 60, tokensPerMinute: 6000, requestsPerDay: 1440 };

  test.each<[RateHeaders | false, RateLimits, Record<string, string>]>([
    [
      'openai',
      numbers,
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-limit-tokens': '6000',
        'x-ratelimit-remaining-tokens': '5900',
        'x-ratelimit-reset-tokens': '1s',
      },
    ],
    ['azure', numbers, { 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-remaining-tokens': '5900' }],
    [
      'azure',
      { tokensPerMinute: 6000 },
      { 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-remaining-tokens': '5900' },
    ],
    ['azure-provisioned', { tokensPerMinute: 400 }, { 'azure-openai-deployment-utilization': '25%' }],
    [
      'anthropic',
      numbers,
      {
        'anthropic-ratelimit-requests-limit': '60',
        'anthropic-ratelimit-requests-remaining': '59',
        'anthropic-ratelimit-requests-reset': expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        'anthropic-ratelimit-tokens-limit': '6000',
        'anthropic-ratelimit-tokens-remaining': '5900',
        'anthropic-ratelimit-tokens-reset': expect.stringMatching(/Z$/),
      },
    ],
    [
      'groq',
      numbers,
      {
        'x-ratelimit-limit-requests': '1440',
        'x-ratelimit-remaining-requests': '1439',
        'x-ratelimit-reset-requests': '1m0s',
        'x-ratelimit-limit-tokens': '6000',
        'x-ratelimit-remaining-tokens': '5900',
        'x-ratelimit-reset-tokens': '1s',
      },
    ],
    [false, numbers, {}],
  ])('are those of %s', async (headers, limits, expected) => {
    const { ask } = await limited({ ...limits, headers });
    expect(told(await ask(100))).toEqual(expected);
  });
});

describe('the words of', () => {
  /** What is said to the second request of a hundred tokens. */
  async function refusal(headers: RateHeaders | false, numbers: RateNumbers) {
    const { ask } = await limited({ ...numbers, headers });
    expect((await ask(100)).status).toBe(200);
    const refused = await ask(100);
    const retryAfter = ['retry-after', 'retry-after-ms'].filter((name) => refused.headers.has(name));
    return { words: await wordsOf(refused), retryAfter };
  }

  test.each<[RateHeaders | false, RateNumbers, RegExp]>([
    [
      'openai',
      { requestsPerMinute: 1 },
      /^Rate limit reached for gpt-4\.1 in organization org-simulator on requests per min \(RPM\): Limit 1, Used 1, Requested 1\. Please try again in (1m0s|59\.\d+s)\. Visit/,
    ],
    [
      'openai',
      { tokensPerMinute: 150 },
      /on tokens per min \(TPM\): Limit 150, Used 100, Requested 100\. Please try again in/,
    ],
    [
      'openai',
      { requestsPerDay: 1 },
      /on requests per day \(RPD\): Limit 1, Used 1, Requested 1\. Please try again in (24h0m0s|23h)/,
    ],
    ['openai', { tokensPerDay: 150 }, /on tokens per day \(TPD\): Limit 150, /],
    [false, { requestsPerMinute: 1 }, /on requests per min \(RPM\)/],
    [
      'azure',
      { requestsPerMinute: 1 },
      /have exceeded call rate limit of your current OpenAI S0 pricing tier\. Please retry after (60|5\d) seconds\./,
    ],
    ['azure', { tokensPerMinute: 150 }, /have exceeded token rate limit of .* Please retry after (20|1\d) seconds\./],
    [
      'azure-provisioned',
      { tokensPerMinute: 150 },
      /^The provisioned throughput of your deployment is fully utilized\./,
    ],
    [
      'anthropic',
      { requestsPerMinute: 1 },
      /^This request would exceed the rate limit for your organization \(org-simulator\) of 1 requests per minute\./,
    ],
    [
      'groq',
      { tokensPerDay: 150 },
      /^Rate limit reached for model `gpt-4\.1` in organization .* on tokens per day \(TPD\): Limit 150, Used 100, /,
    ],
  ])('%s for %o', async (headers, numbers, words) => {
    const refused = await refusal(headers, numbers);
    expect(refused.words).toMatch(words);
    const isCoarse = headers === 'anthropic' || headers === 'groq';
    expect(refused.retryAfter).toEqual(isCoarse ? ['retry-after'] : ['retry-after', 'retry-after-ms']);
  });

  test('OpenAI for a request that would never fit', async () => {
    const { ask } = await limited({ tokensPerMinute: 150 });
    const refused = await ask(200);
    expect(refused.headers.has('retry-after')).toBe(false);
    expect(await wordsOf(refused)).toMatch(
      /^Request too large for gpt-4\.1 in organization org-simulator on tokens per min \(TPM\): Limit 150, Requested 200\. The input/,
    );
  });

  test('Anthropic in a body of its own', async () => {
    const { ask } = await limited({ requestsPerMinute: 1, headers: 'anthropic' });
    await ask(1);
    expect(await (await ask(1)).json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });
});

test('a region has the limits of the simulator, or its own', async () => {
  const limits = { requestsPerMinute: 1 };
  const { simulator } = await start({ limits, regions: { seoul: {}, tokyo: { limits: { requestsPerMinute: 2 } } } });
  const list = async (region: string) => {
    await clientOf(simulator, region).models.list();
    return failureOf(
      clientOf(simulator, region)
        .models.list()
        .then(() => Promise.reject(new Error('fits'))),
    );
  };
  expect(await list('seoul')).toBe('RateLimitError 429 rate_limit_exceeded');
  expect(await list('tokyo')).toBe('Error');
});

test('wrong limits are named with their place', async () => {
  const limits = { headers: 'mine', retryAfter: 1, perKey: { requestsPerHour: 1 }, models: { a: { tokensPerDay: 0 } } };
  const message = await startSimulator({ limits } as never).catch((error: Error) => error.message);
  expect(message).toContain(
    "limits.headers must be 'openai', 'azure', 'azure-provisioned', 'anthropic', 'groq' or false",
  );
  expect(message).toContain('limits.retryAfter must be true or false, but is 1');
  expect(message).toContain('limits.perKey.requestsPerHour is not an option; there are requestsPerMinute');
  expect(message).toContain('limits.models.a.tokensPerDay must be a number above 0, but is 0');
});
