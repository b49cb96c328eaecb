import OpenAI, { NotFoundError } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question, start } from './setup.js';
import { hello, stub } from './stub.js';

/** Two endpoints that answer so when they are asked for a response, and greet whoever asks for a chat. */
function pair(error: object) {
  const { fetch, hosts } = stub(({ url }) =>
    url.endsWith('/responses') ? Response.json({ error }, { status: 404 }) : hello(),
  );
  const client = new OpenAI({
    baseURL: 'https://a.test/v1',
    apiKey: 'sk-x',
    fetch,
    router: {
      routing: 'priority',
      endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' }],
    },
  });
  const states = () => client.router.status().targets.map(({ state }) => state);
  return { client, hosts, states };
}

describe('a 404', () => {
  // One caller asked for an item that had gone: both targets were quarantined, and ten minutes long nobody was answered.
  test('for an item that the caller named is its error, and closes nothing to anybody', async () => {
    const message = "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.";
    const { client, hosts, states } = pair({ message, type: 'invalid_request_error', param: 'input', code: null });
    const input = [{ type: 'reasoning' as const, id: 'rs_1', summary: [] }];
    const error = await errorOf(client.responses.create({ model: 'gpt-4.1', input }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ status: 404, message: `404 ${message}`, param: 'input' });
    expect((await client.chat.completions.create(question())).choices).toHaveLength(1);
    expect(hosts()).toBe('a.test a.test');
    expect(states()).toEqual(['ready', 'ready']);
  });

  // An endpoint without /responses lost its chats as well.
  test('for an address moves the call on, and the target goes on with what it serves', async () => {
    const { client, seoul, trail } = await start();
    const error = { message: 'Invalid URL (POST /v1/responses)', code: 'unknown_url' };
    seoul.fault({ kind: 'status', status: 404, paths: ['/responses'], ...error });
    const failed = eventsOf(client, ['attempt.failed', 'quarantine.started']);
    await client.responses.create({ model: 'gpt-4.1', input: 'hi' });
    await client.chat.completions.create(question());
    expect(trail()).toBe('seoul:404 tokyo:200 seoul:200');
    expect(failed.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual(['attempt.failed not_served']);
  });

  test('for an address that nobody serves is shown as it is', async () => {
    const { client, hosts, states } = pair({ message: 'Invalid URL (POST /v1/responses)' });
    const error = await errorOf(client.responses.create({ model: 'gpt-4.1', input: 'hi' }));
    expect(error).toMatchObject({ status: 404, message: '404 Invalid URL (POST /v1/responses)' });
    expect(hosts()).toBe('a.test b.test');
    expect(states()).toEqual(['ready', 'ready']);
  });

  test('for the model lets the target rest', async () => {
    const { client, hosts, states } = pair({ message: 'The model `gpt-4.1` does not exist', code: 'model_not_found' });
    await errorOf(client.responses.create({ model: 'gpt-4.1', input: 'hi' }));
    expect(hosts()).toBe('a.test b.test');
    expect(states()).toEqual(['quarantined', 'quarantined']);
  });
});
