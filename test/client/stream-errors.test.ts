import OpenAI, { APIError } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, read } from './setup.js';
import { eventStream, helloEvents, stub } from './stub.js';

const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-x', maxRetries: 0, logLevel: 'off' } as const;
const other = { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' };

/** Two endpoints, of which the first answers every question with a stream that holds this error. */
function pair(error: object) {
  const { fetch, hosts } = stub(({ host }) => eventStream(host === 'a.test' ? [{ error }] : helloEvents));
  const client = new OpenAI({ ...own, fetch, router: { routing: 'priority', endpoints: [{ id: 'a' }, other] } });
  return { client, hosts, told: eventsOf(client, ['attempt.failed', 'breaker.opened']) };
}

describe('an error inside a stream, before its first content, means what it would mean as a refusal', () => {
  // Six questions of one caller that were wrong in themselves opened the breaker for everybody.
  test.each([
    { code: 400, type: 'BadRequestError', message: 'bad' },
    { type: 'invalid_request_error', code: 'invalid_value', message: 'bad', param: 'messages' },
  ])("the caller's mistake: %o", async (error) => {
    const { client, hosts, told } = pair(error);
    for (let i = 0; i < 6; i += 1) expect(await errorOf(read(client))).toMatchObject({ message: 'bad' });
    expect(hosts()).toBe('a.test a.test a.test a.test a.test a.test');
    expect(new Set(told.map(({ name, payload }) => `${name} ${payload.kind}`))).toEqual(
      new Set(['attempt.failed caller_error']),
    );
    expect(client.router.status().targets[0]?.state).toBe('ready');
  });

  test.each([
    ['rate_limit', 'cooling', { code: 429, message: 'slow down' }],
    ['auth', 'quarantined', { code: 'invalid_api_key', message: 'no' }],
    ['not_found', 'quarantined', { code: 'model_not_found', message: 'no' }],
  ])('%s: the target is %s, and its breaker is told nothing (%o)', async (kind, state, error) => {
    const { client, hosts, told } = pair(error);
    for (let i = 0; i < 6; i += 1) expect(await read(client)).toBe('hello');
    expect(hosts()).toBe('a.test b.test b.test b.test b.test b.test b.test');
    expect(told.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual([`attempt.failed ${kind}`]);
    expect(client.router.status().targets[0]).toMatchObject({ state, breaker: { stats: { failures: 0 } } });
  });
});

describe('when nobody else can answer, the error that the caller catches', () => {
  // `param` and whatever else a provider writes were lost on the way.
  test.each<[object]>([
    [{ type: 'invalid_request_error', code: 'invalid_value', message: 'x', param: 'messages', inner: { a: [1] } }],
    [{ code: 400, type: 'BadRequestError', message: 'x' }],
    [{ code: 'server_error', message: 'x', metadata: { provider: 'p' } }],
    [{ message: { text: 'odd' } }],
  ])("is the official client's: %o", async (error) => {
    const { fetch } = stub(() =>
      eventStream([{ error }], { 'content-type': 'text/event-stream', 'x-request-id': 'r' }),
    );
    const [theirs, ours] = await Promise.all(
      [new Official({ ...own, fetch }), new OpenAI({ ...own, fetch, router: {} })].map((client) =>
        errorOf<APIError>(read(client)),
      ),
    );
    expect(ours).toBeInstanceOf(APIError);
    const fields = (thrown: APIError | undefined) => ({ ...thrown, headers: [...(thrown?.headers ?? [])] });
    expect(fields(ours)).toEqual(fields(theirs));
    expect(ours?.message).toBe(theirs?.message);
    expect(ours?.error).toEqual(error);
  });
});
