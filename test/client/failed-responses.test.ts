import OpenAI, { APIError, type RouterOptions } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf } from './setup.js';
import { eventStream, stub } from './stub.js';

const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-x', maxRetries: 0, logLevel: 'off' } as const;
const params = { model: 'gpt-4.1', input: 'hi' };
const answered = { id: 'resp_1', object: 'response', status: 'completed', error: null, output: [] };
const failed = (error: object | null) => ({ ...answered, status: 'failed', error });

/** Two endpoints, of which the first answers with this, whole or as the end of a stream. */
function pair(response: object) {
  const { fetch, sent, hosts } = stub(({ host, body }) => {
    const given = host === 'a.test' ? response : answered;
    const type = given === answered ? 'response.completed' : 'response.failed';
    return String(body).includes('"stream":true')
      ? eventStream([
          { type: 'response.created', response: answered },
          { type, response: given },
        ])
      : Response.json(given);
  });
  const router: RouterOptions = {
    routing: 'priority',
    endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' }],
  };
  const client = new OpenAI({ ...own, fetch, router });
  return { client, sent, hosts, told: eventsOf(client, ['attempt.failed']) };
}

async function ask(client: Official, streamed: boolean): Promise<void> {
  if (!streamed) return void (await client.responses.create(params));
  for await (const _event of await client.responses.create({ ...params, stream: true }));
}

// Whole, with status 200, it was taken for an answer: the target's health was praised, and the caller was given an error for a text.
describe.each([
  ['whole', false],
  ['streamed', true],
])('a response that failed, %s', (_form, streamed) => {
  test.each([
    ['server_error', streamed ? 'stream_error_early' : 'server_error'],
    ['rate_limit_exceeded', 'rate_limit'],
  ])('with %s moves the call on', async (code, kind) => {
    const { client, hosts, told } = pair(failed({ code, message: 'it went wrong' }));
    await ask(client, streamed);
    expect(hosts()).toBe('a.test b.test');
    expect(told.map(({ payload }) => payload)).toMatchObject([{ kind, status: 200 }]);
    expect(JSON.stringify(told)).not.toContain('it went wrong');
  });

  test('for the prompt that it was given is nobody else’s business', async () => {
    const { client, hosts, told } = pair(failed({ code: 'invalid_prompt', message: 'no' }));
    for (let i = 0; i < 6; i += 1) await ask(client, streamed).catch(() => undefined);
    expect(hosts()).toBe('a.test a.test a.test a.test a.test a.test');
    expect(new Set(told.map(({ payload }) => payload.kind))).toEqual(new Set(['caller_error']));
    expect(client.router.status().targets[0]).toMatchObject({ state: 'ready', breaker: { stats: { failures: 0 } } });
  });

  test('without a word on it is the target’s fault', async () => {
    const { client, hosts } = pair(failed(null));
    await ask(client, streamed);
    expect(hosts()).toBe('a.test b.test');
  });
});

describe('when nobody else can answer', () => {
  test('a whole response that failed is shown as it is', async () => {
    const response = failed({ code: 'server_error', message: 'it went wrong', metadata: { a: [1] } });
    const { fetch } = stub(() => Response.json(response));
    const [theirs, ours] = await Promise.all(
      [new Official({ ...own, fetch }), new OpenAI({ ...own, fetch, router: {} })].map((client) =>
        client.responses.create(params),
      ),
    );
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ status: 'failed', error: response.error });
  });

  test('an error event is the error that the official client makes of it', async () => {
    const event = {
      type: 'error',
      code: 'rate_limit_exceeded',
      message: 'slow down',
      param: 'input',
      more: { a: [1] },
    };
    const { fetch } = stub(() => eventStream([`${JSON.stringify(event)}\nevent: error`]));
    const [theirs, ours] = await Promise.all(
      [new Official({ ...own, fetch }), new OpenAI({ ...own, fetch, router: {} })].map((client) =>
        errorOf<APIError>(ask(client, true)),
      ),
    );
    expect(ours).toBeInstanceOf(APIError);
    expect({ ...ours, headers: undefined }).toEqual({ ...theirs, headers: undefined });
    expect(ours).toMatchObject({ message: 'slow down', param: 'input', error: event });
  });
});

test('an answer that only quotes a failure is one', async () => {
  const text = '{"status":"failed"}';
  const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }];
  const call = { type: 'mcp_call', status: 'failed' };
  const { client, hosts } = pair({ ...answered, output: [...output, call] });
  expect(await client.responses.create(params)).toMatchObject({ output_text: text });
  expect(hosts()).toBe('a.test');
});
