import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ANSWER, asksForStream, EVENTS } from './payloads.ts';

/** Where requests go: the base URLs of five endpoints, and the `fetch` that reaches them. */
export interface World {
  readonly name: string;
  readonly baseURLs: readonly string[];
  readonly fetch: typeof fetch;
  close(): void;
}

const encoder = new TextEncoder();
const encoded = EVENTS.map((event) => encoder.encode(event));

/** A body as undici makes it: a byte stream that gives one chunk whenever it is asked. */
function streamedBody(): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      // A copy, because a byte stream takes the memory of what it is given.
      controller.enqueue((encoded[next] as Uint8Array).slice());
      next += 1;
      if (next === encoded.length) controller.close();
    },
  });
}

const JSON_HEADERS = { 'content-type': 'application/json', 'x-request-id': 'req_123', 'openai-version': '2020-10-01' };
const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'x-request-id': 'req_123' };

/** No network at all: every microsecond is the client's own. */
export function inProcess(): World {
  return {
    name: 'in process',
    baseURLs: ['one', 'two', 'three', 'four', 'five'].map((name) => `https://${name}.example.com/v1`),
    fetch: async (_url, init) =>
      asksForStream(init?.body)
        ? new Response(streamedBody(), { headers: STREAM_HEADERS })
        : new Response(ANSWER, { headers: JSON_HEADERS }),
    close: () => {},
  };
}

/** Real HTTP over 127.0.0.1 to a server in another process. */
export async function loopback(): Promise<World> {
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), { execArgv: [] });
  const ports = await new Promise<number[]>((resolve, reject) => {
    child.once('message', (message) => resolve(message as number[]));
    child.once('exit', (code) => reject(new Error(`the bench's server ended with code ${code}`)));
  });
  return {
    name: 'loopback',
    baseURLs: ports.map((port) => `http://127.0.0.1:${port}/v1`),
    fetch: globalThis.fetch,
    close: () => child.disconnect(),
  };
}
