import OpenAI, { PermissionDeniedError, type RouterOptions } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question } from './setup.js';
import { hello, type Sent, stub } from './stub.js';

const refused = (status: number, message: string, more: object = {}) =>
  Response.json({ error: { message, type: 'invalid_request_error', param: null, code: null, ...more } }, { status });

const SCOPES = 'You have insufficient permissions for this operation. Missing scopes: api.model.read.';
const page = (status: number) =>
  new Response('<html>blocked</html>', { status, headers: { 'content-type': 'text/html' } });

/** Two regions behind one key. */
const REGIONS: RouterOptions = {
  routing: 'priority',
  endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'https://a.test/eu/v1' }],
};

function world(answer: (sent: Sent) => Response, router: RouterOptions = REGIONS) {
  const { fetch, sent } = stub(answer);
  const client = new OpenAI({ baseURL: 'https://a.test/v1', apiKey: 'sk-x', logLevel: 'off', fetch, router });
  const told = eventsOf(client, ['attempt.failed', 'quarantine.started']);
  const paths = () => sent.map(({ url }) => new URL(url).pathname.replace('/chat/completions', '')).join(' ');
  return { client, paths, told: () => told.map(({ name, payload }) => `${name} ${payload.kind ?? payload.reason}`) };
}

const once = (first: () => Response) => {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? first() : hello();
  };
};

describe('a key is not closed for everything by', () => {
  // A restricted key may ask for chats alone: who listed the models with it once kept everybody from chatting for five minutes.
  test.each([
    ['a 403', 403, SCOPES],
    ['a 401', 401, SCOPES],
    ['a 403 that does not say why', 403, 'no'],
    ['a 401 that does not say why', 401, 'Incorrect API key provided.'],
  ])('%s for what is kept on a server', async (_what, status, message) => {
    const { client, told, paths } = world(({ url }) => (url.endsWith('/models') ? refused(status, message) : hello()));
    expect(await errorOf(client.models.list())).toMatchObject({ status, message: `${status} ${message}` });
    await client.chat.completions.create(question());
    expect(paths()).toBe('/v1/models /v1');
    expect(told()).toEqual(['attempt.failed caller_error']);
  });

  test.each([403, 401])('a %i for want of a scope: the call is the only one that it is about', async (status) => {
    const { client, told, paths } = world(once(() => refused(status, SCOPES)));
    await client.chat.completions.create(question());
    await client.chat.completions.create(question());
    expect(paths()).toBe('/v1 /eu/v1 /v1');
    expect(told()).toEqual(['attempt.failed not_served']);
  });

  // Two regions with one key: the page of one firewall kept the other region from being asked, and then everybody for five minutes.
  test('the page of a firewall: another region is asked with the same key', async () => {
    const { client, told, paths } = world(once(() => page(403)));
    await client.chat.completions.create(question());
    await client.chat.completions.create(question());
    expect(paths()).toBe('/v1 /eu/v1 /v1');
    expect(told()).toEqual(['attempt.failed not_served']);
  });

  test('a country that is not served from one region', async () => {
    const code = 'unsupported_country_region_territory';
    const { client, paths } = world(once(() => refused(403, 'Country not supported', { code })));
    await client.chat.completions.create(question());
    expect(paths()).toBe('/v1 /eu/v1');
  });
});

test('a page that everybody answers with is shown as the official client shows it, each time', async () => {
  const { client, paths } = world(() => page(403));
  for (const _ of [1, 2]) {
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error.message).toContain('403');
  }
  expect(paths()).toBe('/v1 /eu/v1 /v1 /eu/v1');
});

test.each([
  ['a 403 of the API', () => refused(403, 'You are not allowed to do that.')],
  ['a page with 401', () => page(401)],
])('%s for a chat is still about the key', async (_what, refuse) => {
  const { client, told } = world(refuse);
  await errorOf(client.chat.completions.create(question()));
  expect(told()).toEqual(['attempt.failed auth', 'quarantine.started auth']);
});

// Google answers a dead key with a 400: taken for the caller's mistake, it ended every call at its endpoint, and nobody else was asked.
test('a 400 that says that the key is not valid moves on to another key, and closes this one', async () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
  const message = 'API key not valid. Please pass a valid API key.';
  const error = { code: 400, message, status: 'INVALID_ARGUMENT', details };
  const endpoints = [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' }];
  const answer = ({ url }: Sent) => (url.includes('b.test') ? hello() : Response.json([{ error }], { status: 400 }));
  const { client, told } = world(answer, { routing: 'priority', endpoints });
  await client.chat.completions.create(question());
  await client.chat.completions.create(question());
  expect(told()).toEqual(['attempt.failed auth', 'quarantine.started auth']);
});
