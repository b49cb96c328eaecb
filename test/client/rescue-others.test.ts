import OpenAI, { createFetch, isStreamInterruptedError, routeOf } from 'breakwater';
import { expect, test } from 'vitest';
import { readOut } from './rescue-setup.js';
import { errorOf } from './setup.js';
import { refusal, type Sent, sse, stub } from './stub.js';

const BEGUN = 'Once upon a time there was a harbour, and ';
const asked = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'hi' }], stream: true as const };
const delta = (content: string) => ({ id: 'one', choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const END = [{ id: 'one', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]'];

const streamed = (body: BodyInit) => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
const whole = (text: string) => streamed(sse([delta(text), ...END]));

/** A stream whose connection breaks behind these events. */
function cutBehind(events: readonly unknown[]): Response {
  const bytes = [new TextEncoder().encode(sse(events))];
  const pull = (controller: ReadableStreamDefaultController) => {
    const next = bytes.shift();
    if (next) controller.enqueue(next);
    else controller.error(new TypeError('terminated'));
  };
  return streamed(new ReadableStream({ pull }, { highWaterMark: 0 }));
}

type Answers = Readonly<Record<string, (init: RequestInit, turn: number) => Response | Promise<Response>>>;

const endpointsAt = (names: readonly string[]) =>
  names.map((id) => ({ id, baseURL: `https://${id}.example/v1`, apiKey: `sk-${id}` }));

/** Endpoints that answer like this, asked in their order. */
function world(answers: Answers, router: object = {}) {
  const turns = new Map<string, number>();
  const answer = ({ host }: Sent, init: RequestInit) => {
    const name = host.split('.')[0] as string;
    turns.set(name, (turns.get(name) ?? 0) + 1);
    return answers[name]?.(init, turns.get(name) ?? 0) ?? refusal(500);
  };
  const { sent, fetch } = stub(answer);
  const endpoints = endpointsAt(Object.keys(answers));
  const client = new OpenAI({
    apiKey: 'sk',
    fetch,
    logLevel: 'off',
    router: { routing: 'priority', endpoints, ...router },
  });
  const trail = () => sent.map(({ host }) => host[0]).join('');
  const paramsOf = (at: number) => JSON.parse(String(sent[at]?.body)) as Record<string, unknown>;
  return { client, fetch, endpoints, trail, paramsOf };
}

const read = async (client: OpenAI, more: object = {}, options: object = {}) =>
  readOut(await client.chat.completions.create({ ...asked, ...more }, options));

// "max_completion_tokens is not supported": the first of the others knew less than the one who broke off, and ended the rescue. Nobody
// else was asked, nor the one who had taken this very request.
test('a target that calls the request a mistake leaves it to the others', async () => {
  const { client, trail } = world({
    a: () => cutBehind([delta(BEGUN)]),
    b: () => refusal(400),
    c: () => whole(`${BEGUN}it sank.`),
  });
  expect(await read(client)).toMatchObject({ text: `${BEGUN}it sank.`, error: undefined });
  expect(trail()).toBe('abc');
});

test('where all others call it a mistake, the one who had taken it is asked again', async () => {
  const { client, trail } = world({
    a: (_init, turn) => (turn === 1 ? cutBehind([delta(BEGUN)]) : whole(`${BEGUN}it sank.`)),
    b: () => refusal(400),
  });
  expect(await read(client)).toMatchObject({ text: `${BEGUN}it sank.`, error: undefined });
  expect(trail()).toBe('aba');
});

// Half an answer had a finish reason, "stop", behind it.
test('a target that has nothing to say is no end of the answer: the next one is asked', async () => {
  const { client, trail } = world({
    a: () => cutBehind([delta(BEGUN)]),
    b: () => streamed(sse(END)),
    c: () => whole(`${BEGUN}it sank.`),
  });
  expect(await read(client)).toMatchObject({ text: `${BEGUN}it sank.`, error: undefined });
  expect(trail()).toBe('abc');
});

test('when nobody has anything to say the answer is a cut one', async () => {
  const { client } = world({ a: () => cutBehind([delta(BEGUN)]), b: () => streamed(sse(END)) });
  const { text, error, chunks } = await read(client, {}, { maxRetries: 0 });
  expect(isStreamInterruptedError(error)).toBe(true);
  expect(text).toBe(BEGUN);
  expect(chunks.some(({ choices }) => choices[0]?.finish_reason)).toBe(false);
});

// All twelve tokens had come and only the finish was cut: 28 more were asked for.
test('an answer that is as long as it may be needs nobody', async () => {
  const words = Array.from({ length: 12 }, (_, index) => delta(`w${index} `));
  const { client, trail } = world({ a: () => cutBehind(words), b: () => whole('more') });
  const { text, error, chunks } = await read(client, { max_tokens: 12 });
  expect(error).toBeUndefined();
  expect(text.trim().split(' ').length).toBe(12);
  expect(chunks.at(-1)).toMatchObject({ id: 'one', choices: [{ finish_reason: 'length' }] });
  expect(trail()).toBe('a');
});

// The time of the call began anew for everybody who was asked: the caller of a call of a second had its error after more than two.
test('whoever is asked has the time of one call between them', async () => {
  const never = ({ signal }: RequestInit) =>
    new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const { client } = world({ a: () => cutBehind([delta(BEGUN)]), b: never });
  const startedAt = performance.now();
  const { error } = await read(client, {}, { timeout: 600 });
  expect(isStreamInterruptedError(error)).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

// The platform joins its own signals only. Reading rejected with a bare TypeError, and the body was neither over nor to be read on.
test('a signal that cannot be joined to another one ends in the error of a broken stream', async () => {
  const { fetch, endpoints } = world({ a: () => cutBehind([delta(BEGUN)]), b: () => whole('more') });
  const own = createFetch({ routing: 'priority', endpoints, fetch });
  const signal = Object.assign(new EventTarget(), {
    aborted: false,
    reason: undefined,
    throwIfAborted: () => undefined,
  });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked) };
  const response = await own('https://a.example/v1/chat/completions', {
    ...init,
    signal: signal as unknown as AbortSignal,
  });
  expect(isStreamInterruptedError(await errorOf(response.text()))).toBe(true);
});

const empty = { retries: { budget: { capacity: 0.5, perRequest: 0 } } };

// When everything breaks each stream was asked for three times, whatever the budget was meant to hold back.
test('a second rescue is charged to the retry budget, and ends in an error that says so when that is empty', async () => {
  const cut = (text: string) => () => cutBehind([delta(`${BEGUN}${text}`)]);
  const { client, trail } = world({ a: cut(''), b: cut('it sank '), c: () => whole(`${BEGUN}it sank deep.`) }, empty);
  const exhausted: string[] = [];
  client.on('budget.exhausted', ({ target }) => exhausted.push(target));
  const stream = await client.chat.completions.create(asked);
  const { text, error } = await readOut(stream);
  expect(text).toBe(`${BEGUN}it sank `);
  expect(isStreamInterruptedError(error)).toBe(true);
  expect((error as Error).message).toContain('the retry budget is empty');
  expect(routeOf(stream)?.retryBudgetExhausted).toBe(true);
  expect(exhausted).toEqual(['b/gpt-4.1']);
  expect(trail()).toBe('ab');
});

test('the first one is free, as the first failover of any call is', async () => {
  const { client } = world({ a: () => cutBehind([delta(BEGUN)]), b: () => whole(`${BEGUN}it sank.`) }, empty);
  expect(await read(client)).toMatchObject({ text: `${BEGUN}it sank.`, error: undefined });
});

// The route had the first attempt's use alone, and a rescued answer cost nothing where it told at its end.
test('the route of an answer that goes on elsewhere has what that used, and what it cost', async () => {
  const usage = { prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 };
  const { client } = world({
    a: () => cutBehind([delta(BEGUN)]),
    b: () => streamed(sse([delta(`${BEGUN}it sank.`), END[0], { id: 'one', choices: [], usage }, '[DONE]'])),
  });
  const stream = await client.chat.completions.create({ ...asked, stream_options: { include_usage: true } });
  expect((await readOut(stream)).error).toBeUndefined();
  expect(routeOf(stream)?.usage).toMatchObject({ inputTokens: 50, outputTokens: 10 });
  expect(routeOf(stream)?.costUSD).toBeGreaterThan(0);
  expect(client.router.stats().spent.costUSD).toBe(routeOf(stream)?.costUSD);
});
