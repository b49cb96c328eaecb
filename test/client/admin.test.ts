import OpenAI, { OptionsError, type RouterOptions } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, question } from './setup.js';
import { hello, refusal, stub } from './stub.js';

const ADMIN = 'Bearer sk-admin';

/** A client with both keys at a host where only the administrator's opens the organization. */
function world(endpoints: RouterOptions['endpoints']) {
  const { fetch, sent } = stub(({ url, headers }) => {
    if (!url.includes('/organization/')) return hello();
    if (headers.get('authorization') !== ADMIN) return refusal(401);
    return Response.json({ object: 'list', data: [], has_more: false });
  });
  const client = new OpenAI({
    baseURL: 'https://home.test/v1',
    apiKey: 'sk-own',
    adminAPIKey: 'sk-admin',
    logLevel: 'off',
    fetch,
    router: { routing: 'priority', endpoints: endpoints ?? [] },
  });
  return { client, keys: () => sent.map(({ host, headers }) => `${host} ${headers.get('authorization')}`) };
}

describe("what asks for the administrator's key", () => {
  // The endpoint's own key was put in its place: a 401, and then that key was closed for chats as well.
  test("gets it at the client's own host, whatever key the endpoint there has", async () => {
    const { client, keys } = world([
      { id: 'home', apiKey: 'sk-endpoint' },
      { id: 'away', baseURL: 'https://away.test/v1', apiKey: 'sk-away' },
    ]);
    expect((await client.admin.organization.projects.list()).data).toEqual([]);
    await client.chat.completions.create(question());
    expect(keys()).toEqual([`home.test ${ADMIN}`, 'home.test Bearer sk-endpoint']);
  });

  test('is not sent to another host, and says so', async () => {
    const { client, keys } = world([
      { id: 'away', baseURL: 'https://away.test/v1', apiKey: 'sk-away' },
      { id: 'home', apiKey: 'sk-endpoint' },
    ]);
    const error = await errorOf(client.admin.organization.projects.list());
    expect(error).toBeInstanceOf(OptionsError);
    expect(error.message).toContain(
      `adminAPIKey goes to the host of the client's baseURL alone, and "away" is at another`,
    );
    expect(keys()).toEqual([]);
    await client.admin.organization.projects.list({}, { router: { endpoint: 'home' } } as object);
    expect(keys()).toEqual([`home.test ${ADMIN}`]);
  });
});
