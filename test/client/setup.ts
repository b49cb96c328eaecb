import { EVENT_NAMES } from '@breakwater/core';
import { type Region, type Simulator, type SimulatorOptions, startSimulator } from '@breakwater/simulator';
import OpenAI, {
  type ClientOptions,
  type EndpointOptions,
  type EventName,
  type RequestRouterOptions,
  type RouterOptions,
} from 'breakwater';
import type Official from 'openai';
import { onTestFinished } from 'vitest';

/** The names of all events. */
export const eventNames = EVENT_NAMES;

/** What a test may change of its world. */
export interface WorldOptions {
  readonly simulator?: SimulatorOptions;
  readonly client?: ClientOptions;
  readonly router?: RouterOptions;
  /** Over what each endpoint is by itself; undefined for the plain one. */
  readonly endpoint?: (region: Region) => Partial<EndpointOptions>;
}

/** Two regions, seoul before tokyo, and a client that knows both; all of it ends with the test. */
export async function start({ simulator: settings, client: options, router, endpoint }: WorldOptions = {}) {
  const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} }, ...settings });
  onTestFinished(() => simulator.close());
  const client = new OpenAI({
    baseURL: simulator.regions[0]?.baseURL ?? null,
    apiKey: 'sk-primary',
    logLevel: 'off',
    ...options,
    // So that a test says whom a call goes to by the order of regions; choosing has tests of its own.
    router: {
      routing: 'priority',
      endpoints: simulator.regions.map((region) => endpointAt(region, endpoint?.(region))),
      ...router,
    },
  });
  const seoul = simulator.regions[0] as Region;
  const tokyo = (simulator.regions[1] ?? simulator.regions[0]) as Region;
  return { simulator, client, seoul, tokyo, trail: () => trailOf(simulator) };
}

/** The endpoint at a region, with a key of its own. */
export function endpointAt({ name, baseURL }: Region, more: Partial<EndpointOptions> = {}): EndpointOptions {
  const own: EndpointOptions = { id: name, baseURL, apiKey: `sk-${name}`, ...more };
  if (!more.client) return own;
  const { baseURL: _baseURL, apiKey: _apiKey, ...rest } = own;
  return rest;
}

/** What reached the wire, in order: region and status; `-` for a request that got none. */
export function trailOf(simulator: Simulator): string {
  return simulator.log.map(({ region, status }) => `${region}:${status ?? '-'}`).join(' ');
}

/** A chat question to gpt-4.1. */
export const question = (content = 'echo: hello') => ({
  model: 'gpt-4.1',
  messages: [{ role: 'user' as const, content }],
});

/** Asks, streamed or not, and gives the text of the answer. */
export async function ask(client: OpenAI, streamed: boolean, content = 'echo: hello there'): Promise<string> {
  if (!streamed) return (await client.chat.completions.create(question(content))).choices[0]?.message.content ?? '';
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...question(content), stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
  }
  return text;
}

/** What a call was rejected with; a call that was not fails the test. */
export async function errorOf<Thrown extends Error = Error>(call: PromiseLike<unknown>): Promise<Thrown> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    return error as Thrown;
  }
  throw new Error(`The call was expected to fail, but it gave ${JSON.stringify(answer)}.`);
}

/** Collects the events of these names as they come. */
export function eventsOf(client: OpenAI, names: readonly EventName[] = eventNames) {
  const events: { readonly name: EventName; readonly payload: Readonly<Record<string, unknown>> }[] = [];
  for (const name of names) client.on(name, (payload) => void events.push({ name, payload: { ...payload } }));
  return events;
}

/** One turn of the event loop: everything that needs no more than that has happened afterwards. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Waits until something is so, ten milliseconds at a time, two seconds at most. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let left = 200; left > 0 && !isSo(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!isSo()) throw new Error('It did not come about within two seconds.');
}

/** The options of one request, or of `withOptions`, with a router's part in them. */
export function routed(router: RequestRouterOptions | RouterOptions, more: object = {}): object {
  return { ...more, router };
}

const PASSING: readonly string[] = ['sinceMs', 'latency'];

/**
 * How every target stands, without the time since when: that passes while nothing changes. Nor its latency, which is nobody's fault: a
 * call that was given up has measured that answers take at least as long.
 */
export function standing(client: OpenAI): unknown {
  return JSON.parse(
    JSON.stringify(client.router.status(), (name, value) => (PASSING.includes(name) ? undefined : value)),
  );
}

/** Asks for a stream, and reads it to its end. */
export async function read(client: Official): Promise<string> {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...question(), stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  return text;
}
