import OpenAI, { AzureOpenAI } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { question } from './setup.js';
import { hello, refusal, stub } from './stub.js';

const endpoints = ['a', 'b'].map((id) => ({ id, baseURL: `https://${id}.test/v1`, apiKey: `sk-${id}` }));
const common = { apiKey: 'sk-own', logLevel: 'off' as const, router: { routing: 'priority' as const, endpoints } };

// The official hook does nothing, so nobody who overrides it calls it. The mark that leads a request to the router was set there:
// such a client had no router, and no repeats either, without a word.
describe('a subclass with a prepareRequest of its own', () => {
  test('is routed like any other', async () => {
    class Signing extends OpenAI {
      protected override async prepareRequest(request: RequestInit): Promise<void> {
        (request.headers as Headers).set('x-trace', 'abc');
      }
    }
    const { fetch, sent, hosts } = stub(({ host }) => (host === 'a.test' ? refusal(500) : hello()));
    await new Signing({ ...common, fetch }).chat.completions.create(question());
    expect(hosts()).toBe('a.test b.test');
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer sk-a');
  });

  test('is routed in front of Azure too', async () => {
    class Signing extends AzureOpenAI {
      protected override async prepareRequest(): Promise<void> {}
    }
    const { fetch, sent } = stub(({ host }) => (host === 'a.test' ? refusal(500) : hello()));
    const azure = { apiVersion: '2024-10-21', endpoint: 'https://own.test' };
    await new Signing({ ...common, ...azure, fetch }).chat.completions.create(question());
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(
      Array(2).fill('/v1/deployments/gpt-4.1/chat/completions'),
    );
  });
});

// The mark was then set in `buildRequest` alone, and lost by those who make the request themselves.
describe('a subclass with a buildRequest of its own', () => {
  test('is routed like any other', async () => {
    class Own extends OpenAI {
      override async buildRequest(...given: Parameters<OpenAI['buildRequest']>): ReturnType<OpenAI['buildRequest']> {
        const { req, url, timeout } = await super.buildRequest(...given);
        const { method, headers, body } = req;
        return { req: { method, headers, body }, url, timeout } as never;
      }
    }
    const { fetch, hosts } = stub(({ host }) => (host === 'a.test' ? refusal(500) : hello()));
    await new Own({ ...common, fetch }).chat.completions.create(question());
    expect(hosts()).toBe('a.test b.test');
  });
});

// A client of ours without a router refuses what only a router can do; it was handed the very options of the request.
test('a ready-made client of ours serves a request with router options', async () => {
  const { fetch, hosts } = stub(hello);
  const inner = new OpenAI({ baseURL: 'https://b.test/v1', apiKey: 'sk-b', fetch });
  const client = new OpenAI({ ...common, fetch, router: { endpoints: [{ id: 'b', client: inner }] } });
  await client.chat.completions.create(question(), { router: { endpoint: 'b', timeouts: { attemptMs: 5_000 } } });
  expect(hosts()).toBe('b.test');
});
