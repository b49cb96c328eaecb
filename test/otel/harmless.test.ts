import { readFileSync } from 'node:fs';
import { instrument } from '@breakwater/otel';
import { context, diag, type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import OpenAI, { createFetch } from 'breakwater';
import { expect, onTestFinished, test } from 'vitest';
import { VERSION } from '../../packages/otel/src/version.js';
import { asked, readOut, startBroken } from '../client/rescue-setup.js';
import { ask, errorOf, eventsOf, question, start, until } from '../client/setup.js';
import { eventStream, hello, helloEvents, refusal, stub } from '../client/stub.js';
import { told, watched, within } from './setup.js';

type Fetch = typeof globalThis.fetch;

const bug = () => {
  throw new Error('a bug');
};
const throwing = new Proxy({}, { get: () => bug });
const throwingTracer = { getTracer: () => throwing } as unknown as TracerProvider;
const throwingExporter = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ export: bug, shutdown: async () => {} } as unknown as SpanExporter)],
});
/** Its instruments can be made, and throw when they are used. */
const throwingMeter = {
  getMeter: () =>
    new Proxy({}, { get: (_, name) => (`${String(name)}`.startsWith('create') ? () => throwing : () => undefined) }),
} as unknown as MeterProvider;

test.each([
  ['a tracer', { tracerProvider: throwingTracer }],
  ['an exporter', { tracerProvider: throwingExporter }],
  ['a meter', { meterProvider: throwingMeter }],
])('%s that throws changes no outcome, and is complained of where OpenTelemetry complains', async (what, parts) => {
  const complaints: string[] = [];
  const hear = (message: string) => void complaints.push(message);
  diag.setLogger({ error: hear, warn: hear, info: () => {}, debug: () => {}, verbose: () => {} });
  onTestFinished(() => diag.disable());
  const { client, seoul, trail } = await startBroken();
  const heard = eventsOf(client, ['listener.failed']);
  const { points, spans } = watched(client, parts);
  seoul.fault({ kind: 'cut', afterTokens: 40, times: 1 });
  expect(await readOut(await client.chat.completions.create(asked))).toMatchObject({ error: undefined });
  expect(await ask(client, false)).toBe('hello there');
  seoul.fault({ kind: 'status', status: 400 });
  expect(await errorOf(client.chat.completions.create(question()))).toBeInstanceOf(OpenAI.BadRequestError);
  expect(trail()).toBe('seoul:200 tokyo:200 seoul:200 seoul:400');
  expect(heard).toEqual([]);
  // The other half is made all the same.
  if (what === 'a meter') expect(spans().length).toBe(7);
  else expect(told(await points(), 'gen_ai.client.operation.duration').length).toBeGreaterThan(0);
  if (what !== 'an exporter') expect(complaints[0]).toContain('@breakwater/otel');
});

/** Within the process, so that a thousand calls take no time: of seven answers one is a 500 and one too late, and of streams one is cut. */
function provider(): Fetch {
  let asked = 0;
  const { fetch } = stub(async ({ body }, { signal }) => {
    asked += 1;
    if (asked % 7 === 0) return refusal(500);
    if (asked % 7 === 3) await new Promise((resolve) => setTimeout(resolve, 20));
    signal?.throwIfAborted();
    if (!`${body}`.includes('"stream":true')) return hello();
    return eventStream(asked % 7 === 5 ? helloEvents.slice(0, 2) : helloEvents);
  });
  return fetch as Fetch;
}

test('a thousand calls of every kind leave nothing open', { timeout: 60_000 }, async () => {
  const client = new OpenAI({
    ...{ apiKey: 'any', fetch: provider(), logLevel: 'off', maxRetries: 0 },
    router: {
      endpoints: ['seoul', 'tokyo'].map((id) => ({ id, baseURL: `https://${id}.example.com/v1`, apiKey: 'any' })),
      ...{ hedging: { delayMs: 10, minDelayMs: 10 }, health: false, breaker: { failureStreak: 1_000 } },
    },
  });
  const { spans, undo } = watched(client, { metrics: false });
  const kinds: readonly (() => Promise<unknown>)[] = [
    () => ask(client, true),
    async () => {
      for await (const _chunk of await client.chat.completions.create({ ...question(), stream: true })) break;
    },
    () => client.chat.completions.create(question(), { signal: AbortSignal.timeout(15) }),
    () => ask(client, false),
  ];
  for (let done = 0; done < 1_000; done += 100)
    await Promise.allSettled(Array.from({ length: 100 }, (_, index) => kinds[index % 4]?.()));
  const calls = () => spans().filter(({ name }) => name.startsWith('chat'));
  await until(() => calls().length === 1_000);
  const before = spans().length;
  undo();
  expect(spans().length).toBe(before);
  expect(spans().filter(({ attributes }) => attributes['breakwater.unfinished'])).toEqual([]);
  expect(before - 1_000).toBe(client.router.stats().attempts);
  // Of each kind there was some.
  const kindsSeen = new Set(spans().map(({ attributes }) => attributes['error.type']));
  for (const kind of ['server_error', 'stream_error_late', 'caller_abort']) expect(kindsSeen).toContain(kind);
});

test('no key, prompt, answer or word of an error is in any span or metric', async () => {
  const { client, seoul, tokyo } = await startBroken();
  const { spans, points, tracer } = watched(client);
  const secret = `echo: MARKER-prompt ${asked.messages[0]?.content}`;
  const options = {
    headers: { 'x-own': 'MARKER-header' },
    router: { tags: ['MARKER-tag'], stickyKey: 'MARKER-sticky' },
  };
  const more = { user: 'MARKER-user', stream_options: { include_usage: true } };
  client.apiKey = 'sk-MARKER-key';
  for (const fault of [
    { kind: 'cut', afterTokens: 40, times: 1 },
    { kind: 'stream-error', message: 'MARKER-error', afterTokens: 5, times: 1 },
    { kind: 'status', status: 500, message: 'MARKER-status', times: 1 },
  ])
    seoul.fault(fault as never);
  await within(tracer, async () => {
    for (let i = 0; i < 4; i += 1)
      await readOut(
        await client.chat.completions.create(
          { ...asked, ...more, ...question(secret), stream: true },
          options as object,
        ),
      );
    for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 401 });
    await errorOf(client.chat.completions.create(question(secret), options as object));
  });
  const shown = spans().map(({ name, attributes, events, status, links }) => ({
    name,
    attributes,
    events,
    status,
    links,
  }));
  const output = JSON.stringify([shown, await points()]);
  expect(shown.length).toBeGreaterThan(10);
  expect(output).not.toContain('MARKER');
  for (const key of ['sk-seoul', 'sk-tokyo', 'word7', 'hello']) expect(output).not.toContain(key);
  const ids = spans().flatMap(({ attributes }) => attributes['breakwater.request.id'] ?? []);
  expect(ids.length).toBe(5);
  for (const id of ids) expect(JSON.stringify(await points())).not.toContain(id);
});

test('each of many callers at once has its own call below it', async () => {
  const { client } = await start();
  const { spans, tracer } = watched(client);
  const callers = await Promise.all(
    [1, 2, 3].map((nth) =>
      within(tracer, async () => {
        const caller = trace.getSpan(context.active())?.spanContext().spanId;
        await ask(nth === 2 ? client.withOptions({ timeout: 5_000 }) : client, nth === 3);
        return caller;
      }),
    ),
  );
  await until(() => spans().length === 9);
  const parents = spans()
    .filter(({ name }) => name === 'chat gpt-4.1')
    .map(({ parentSpanContext }) => parentSpanContext?.spanId);
  expect(parents.sort()).toEqual(callers.sort());
});

test('a fetch of ours is instrumented like a client', async () => {
  const { seoul } = await start();
  const fetch = createFetch({ endpoints: [{ id: 'seoul', baseURL: seoul.baseURL, apiKey: 'sk-seoul' }] });
  const { tree } = watched(fetch);
  await fetch(`${seoul.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(question()) });
  expect(tree()).toEqual(['chat gpt-4.1 CLIENT', '  attempt seoul/gpt-4.1 INTERNAL']);
});

test('without any provider registered it does nothing, and harms nobody', async () => {
  const { client } = await start();
  const undo = instrument(client);
  expect(await ask(client, true)).toBe('hello there');
  expect(await ask(client, false)).toBe('hello there');
  undo();
  undo();
});

test('what is wrong with the options is told all at once', async () => {
  const { client } = await start();
  const wrong = { maxModels: 0, tags: 'a', spans: 1, prompts: true, tracerProvider: {}, providers: { seoul: 1 } };
  expect(() => instrument(client, wrong as never)).toThrow(
    /^instrument\(client, options\): prompts is no option.*maxModels must be.*spans must be.*tags must be.*providers must.*tracerProvider must/s,
  );
  expect(() => instrument(new OpenAI({ apiKey: 'any' }))).toThrow(/needs a router/);
  expect(() => instrument(client, { name: undefined, maxModels: undefined } as never)()).not.toThrow();
});

test('the version that is told is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync('packages/otel/package.json', 'utf8')).version);
});
