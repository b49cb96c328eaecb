import { expect } from 'vitest';

/** What differs between any two runs, and nothing else: ports, times, and what the platform draws by chance. */
const RANDOM: readonly (readonly [RegExp, string])[] = [
  [/127\.0\.0\.1:\d+/g, '<host>'],
  [/-formdata-undici-\d+/g, '-formdata-undici-<number>'],
  [/log_[0-9a-f]{6}/g, 'log_<id>'],
  [/\bin \d+ms\b/g, 'in <time>ms'],
  [/"(created|created_at|completed_at)":\d+/g, '"$1":"<number>"'],
];
const CHANCE = new Set([
  'created',
  'created_at',
  'completed_at',
  'date',
  'durationMs',
  'port',
  'localPort',
  'remotePort',
]);

/**
 * A value as it can be compared with that of another run. Classes stay: what was an instance of one must be an instance of the same.
 * Throws for what it cannot see into, so that nothing is compared by halves.
 */
export function plain(value: unknown): unknown {
  if (typeof value === 'string') return RANDOM.reduce((text, [pattern, name]) => text.replace(pattern, name), value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Headers) return { headers: plain(Object.fromEntries(value)) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('latin1') };
  if (Array.isArray(value)) return value.map(plain);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`A ${value.constructor.name} cannot be compared as it is: describe what matters of it.`);
  }
  const entries = Object.entries(value).map(([name, field]) => [
    name,
    CHANCE.has(name) ? `<${typeof field}>` : plain(field),
  ]);
  const requestId = Object.getOwnPropertyDescriptor(value, '_request_id');
  // Not enumerable, but part of what users read.
  return { ...Object.fromEntries(entries), ...(requestId && { _request_id: requestId.value }) };
}

/** Everything of an error that a `catch` block can see, but its stack. */
function describeError(error: Error): unknown {
  const own = Reflect.ownKeys(error).filter((key) => key !== 'stack');
  const fields = own.map((key) => [key, (error as unknown as Record<PropertyKey, unknown>)[key]] as const);
  return {
    class: error.constructor,
    name: error.name,
    text: plain(String(error)),
    ...(plain(Object.fromEntries(fields)) as object),
  };
}

/** The error a call is meant to fail with; fails the test if it does not. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return expect.fail('The call was expected to fail, but it did not.');
}

/** All that a `Response` shows, its body read. */
export async function describeResponse(response: Response): Promise<unknown> {
  const { status, statusText, ok, url, redirected, type, headers } = response;
  const before = response.bodyUsed;
  const body = new Uint8Array(await response.arrayBuffer());
  const used = [before, response.bodyUsed];
  return { class: response.constructor, status, statusText, ok, url, redirected, type, headers, body, used };
}

/** Reads anything to its end; how it ended counts as much as what it gave. */
export async function readAll<Item>(items: AsyncIterable<Item>): Promise<{ items: Item[]; error: unknown }> {
  const read: Item[] = [];
  try {
    for await (const item of items) read.push(item);
    return { items: read, error: undefined };
  } catch (error) {
    return { items: read, error };
  }
}
