import { inspect } from 'node:util';
import type { Fault } from '@breakwater/simulator';
import OpenAI, { logEvents } from 'breakwater';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, eventNames, eventsOf, question, start, turn } from './setup.js';

/** Words that stand for what must never be told; the answer's is what the simulator is asked to say. */
const PROMPT = 'canary-prompt';
const ANSWER = 'canary-answer one two three four five';
const KEYS = ['sk-canary-primary', 'sk-canary-seoul', 'sk-canary-tokyo', 'org-canary', 'canary-header'];

const FAULTS: readonly Fault[] = [
  { kind: 'refuse' },
  { kind: 'reset' },
  { kind: 'silence' },
  { kind: 'headers-only' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, retryAfter: 1 },
  { kind: 'status', status: 400 },
  { kind: 'status', status: 404 },
  { kind: 'rate-limit', retryAfterSeconds: 20 },
  { kind: 'unauthorized' },
  { kind: 'quota' },
  { kind: 'context-length' },
  { kind: 'content-filter' },
  { kind: 'cut' },
  { kind: 'cut', clean: true },
  { kind: 'cut', afterTokens: 0 },
  { kind: 'malformed-event', afterTokens: 0 },
  { kind: 'html' },
  { kind: 'empty' },
  { kind: 'no-choices' },
  { kind: 'stream-error' },
  { kind: 'stream-error', afterTokens: 3 },
];

/** An error in every form in which it may end up in a log. */
function formsOf(error: unknown): string {
  const { message, stack, cause } = error as Error;
  const shown = inspect(error, { depth: 10, showHidden: false });
  return [message, stack, String(error), JSON.stringify(error), shown, inspect(cause, { depth: 10 })].join('\n');
}

function leaksIn(text: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => text.includes(word));
}

describe('no key, prompt or answer is told', () => {
  test.each(FAULTS)('in any event, error or log line after %o', async (fault) => {
    const logged: string[] = [];
    const write = (...parts: unknown[]) => void logged.push(parts.map((part) => inspect(part, { depth: 8 })).join(' '));
    const logger = { error: write, warn: write, info: write, debug: write };
    for (const name of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      const spy = vi.spyOn(console, name).mockImplementation(write);
      onTestFinished(() => spy.mockRestore());
    }
    const { client, seoul, tokyo } = await start({
      client: {
        apiKey: 'sk-canary-primary',
        organization: 'org-canary',
        defaultHeaders: { 'X-Team': 'canary-header' },
        logger,
        logLevel: 'warn',
        timeout: 400,
        maxRetries: 0,
      },
      router: { timeouts: { attemptMs: 120 }, retries: { maxWaitMs: 0 } },
      endpoint: ({ name }) => ({ apiKey: `sk-canary-${name}` }),
    });
    const events = eventsOf(client);
    logEvents(client, logger, { requests: true });
    for (const region of [seoul, tokyo]) region.fault(fault);
    const failures: unknown[] = [];
    for (const streamed of [false, true, false]) {
      await ask(client, streamed, `echo: ${ANSWER} ${PROMPT}`).catch((error) => failures.push(error));
    }
    await turn();
    const told = [JSON.stringify(events), inspect(events, { depth: 10 }), ...failures.map(formsOf), ...logged].join();
    expect(leaksIn(told, [...KEYS, PROMPT, 'canary-answer'])).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
    expect(events.length).toBeGreaterThan(3);
  });

  test('in what a look inside shows', async () => {
    const { client } = await start({ endpoint: ({ name }) => ({ apiKey: `sk-canary-${name}` }) });
    await ask(client, false, `echo: ${PROMPT}`);
    const shown = [client.router.stats(), client.router.status(), client.router].map((part) =>
      [JSON.stringify(part), inspect(part, { depth: 10 })].join(),
    );
    expect(leaksIn(shown.join(), [...KEYS, PROMPT])).toEqual([]);
  });
});

/** What a careless gateway says of a refusal: everything that it was sent, in each of its fields. */
function echoed(init: RequestInit | undefined): object {
  const all = `bad key ${new Headers(init?.headers).get('authorization')} for ${init?.body}`;
  return { error: { code: all, type: all, param: all, message: all } };
}

const ECHOES: readonly [string, (error: object) => Response][] = [
  ['a refusal', (error) => Response.json(error, { status: 500 })],
  ['an answer that says it failed', (error) => Response.json(error)],
  [
    'the first event of a stream',
    (error) => new Response(`data: ${JSON.stringify(error)}\n\n`, { headers: { 'content-type': 'text/event-stream' } }),
  ],
];

// A gateway wrote the key and the body that it was sent into error.code, and the code went as it was into events and the debug log.
test.each(ECHOES)(
  'a gateway that echoes key and prompt in %s puts them into no event and no log',
  async (_, answer) => {
    const logged: string[] = [];
    const write = (...parts: unknown[]) => void logged.push(inspect(parts, { depth: 8 }));
    const client = new OpenAI({
      apiKey: 'sk-canary-primary',
      baseURL: 'http://127.0.0.1:9/v1',
      maxRetries: 0,
      router: {},
      fetch: async (_url, init) => answer(echoed(init)),
    });
    const events = eventsOf(client);
    logEvents(client, { error: write, warn: write, info: write, debug: write }, { requests: true });
    for (const streamed of [false, true]) await ask(client, streamed, `echo: ${PROMPT}`).catch(() => undefined);
    await turn();
    const health = await client.router.checkHealth();
    expect(events.map(({ name }) => name)).toContain('attempt.failed');
    const told = [inspect(events, { depth: 10 }), inspect(health), JSON.stringify(client.router.report()), ...logged];
    expect(leaksIn(told.join(), [...KEYS, PROMPT])).toEqual([]);
  },
);

// A client that was printed to any depth showed every endpoint's key, though a plain console.log did not.
test('a client that is printed shows no key of an endpoint, nor does its child', async () => {
  const { client } = await start({ endpoint: ({ name }) => ({ apiKey: `sk-canary-${name}` }) });
  const child = client.withOptions({ timeout: 5_000 });
  const grandchild = child.withOptions({ router: { fallbacks: ['gpt-4o'] } } as object);
  for (const one of [client, child, grandchild]) {
    expect(leaksIn(inspect(one, { depth: 12 }), ['sk-canary-seoul', 'sk-canary-tokyo'])).toEqual([]);
    expect(await ask(one, false)).toBe('hello there');
  }
});

describe('events', () => {
  test('are frozen, plain JSON, and carry a time and the same id within one call', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'status', status: 503 });
    const payloads: object[] = [];
    for (const name of eventNames) client.on(name, (payload) => void payloads.push(payload));
    await ask(client, true);
    await turn();
    expect(payloads.length).toBeGreaterThan(6);
    for (const payload of payloads) {
      expect(Object.isFrozen(payload)).toBe(true);
      expect(JSON.parse(JSON.stringify(payload))).toEqual(JSON.parse(JSON.stringify({ ...payload })));
      expect(payload).toMatchObject({ at: expect.closeTo(Date.now(), -5) });
    }
    expect(new Set(payloads.map((payload) => (payload as { requestId: string }).requestId)).size).toBe(1);
  });

  test.each([
    { kind: 'status', status: 500 },
    { kind: 'cut' },
    { kind: 'reset' },
    { kind: 'status', status: 400 },
  ] as const)('give every attempt one start and one end, whatever happens (%o)', async (fault) => {
    const { client, seoul, tokyo } = await start({ client: { maxRetries: 1 } });
    seoul.fault(fault);
    tokyo.fault({ kind: 'status', status: 500, times: 2 });
    const events = eventsOf(client);
    for (const streamed of [true, false, true]) await ask(client, streamed).catch(() => undefined);
    await turn();
    const named = (pattern: RegExp) =>
      events
        .filter(({ name }) => pattern.test(name))
        .map(({ payload }) => `${payload.requestId}#${payload.attempt}`)
        .sort();
    expect(named(/^attempt\.(?:succeeded|failed|abandoned)$/)).toEqual(named(/^attempt\.started$/));
    expect(named(/^attempt\.started$/).length).toBeGreaterThan(2);
  });

  test('reach listeners that throw without any harm, and are told of as listener.failed', async () => {
    const { client } = await start();
    const failed = eventsOf(client, ['listener.failed']);
    client.on('attempt.started', () => {
      throw new Error('a bad listener');
    });
    client.on('attempt.succeeded', () => Promise.reject(new Error('a slow bad listener')));
    expect(await ask(client, false)).toBe('hello there');
    await turn();
    expect(failed.map(({ payload }) => `${payload.event}: ${payload.message}`)).toEqual([
      'attempt.started: a bad listener',
      'attempt.succeeded: a slow bad listener',
    ]);
  });

  test('end with the undo of on, with off, and after one with once', async () => {
    const { client } = await start();
    const heard: string[] = [];
    const listener = () => void heard.push('off');
    const undo = client.on('request.started', () => void heard.push('on'));
    client.on('request.started', listener);
    client.once('request.started', () => void heard.push('once'));
    await ask(client, false);
    undo();
    client.off('request.started', listener);
    await ask(client, false);
    expect(heard).toEqual(['on', 'off', 'once']);
  });
});

describe("the environment's custom headers", () => {
  test('do not go to another host, nor does anything else of the primary', async () => {
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'X-Env-Secret: canary-env\nX-Env-Other: canary-other');
    vi.stubEnv('OPENAI_ORG_ID', 'org-canary-env');
    vi.stubEnv('OPENAI_PROJECT_ID', 'proj-canary-env');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { simulator, seoul, tokyo } = await start();
    const client = new OpenAI({
      baseURL: seoul.baseURL,
      apiKey: 'sk-canary-primary',
      defaultHeaders: { 'X-Team': 'canary-header' },
      defaultQuery: { tenant: 'canary-tenant' },
      router: {
        routing: 'priority',
        endpoints: [{ id: 'own' }, { id: 'other', baseURL: tokyo.baseURL, apiKey: 'sk-tokyo' }],
      },
    });
    seoul.fault({ kind: 'reset' });
    await client.chat.completions.create(question(), { query: { page: 1 }, headers: { 'X-Trace': 'mine' } });
    const [first, second] = simulator.log;
    expect(leaksIn(JSON.stringify(first), ['canary-env', 'canary-header', 'canary-tenant']).length).toBe(3);
    expect(JSON.stringify([second?.headers, second?.query])).not.toContain('canary');
    expect(second?.headers).toMatchObject({ authorization: 'Bearer sk-tokyo', 'x-trace': 'mine' });
    expect(second?.query).toBe('?page=1');
  });
});
