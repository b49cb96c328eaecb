import type { IncomingMessage } from 'node:http';
import type { WatchedClient } from '../watched.js';

const MOST_BYTES = 4_096;

/** What may be done to a target's breaker, by its name on the wire. */
const ACTIONS = {
  open: 'open',
  close: 'close',
  reset: 'reset',
  'observe-only': 'observeOnly',
} as const;

/** An answer to a command: the status and, where it was not followed, why. */
export type Followed = readonly [status: 200 | 400 | 404 | 413, message: string];

/** Follows a command such as `{ "target": "seoul/gpt-4.1", "action": "open" }`. Only targets that were met can be meant. */
export async function follow(request: IncomingMessage, { router }: WatchedClient): Promise<Followed> {
  const text = await bodyOf(request);
  if (text === undefined) return [413, 'too long'];
  const { target, action } = commandIn(text);
  if (typeof action !== 'string' || !Object.hasOwn(ACTIONS, action))
    return [400, `action must be one of ${Object.keys(ACTIONS).join(', ')}`];
  if (!router.status().targets.some((one) => one.target === target)) return [404, 'there is no such target'];
  router.target(String(target)).breaker[ACTIONS[action as keyof typeof ACTIONS]]();
  return [200, `${action}: ${target}`];
}

function commandIn(text: string): { readonly target?: unknown; readonly action?: unknown } {
  try {
    const command: unknown = JSON.parse(text);
    return typeof command === 'object' && command !== null ? command : {};
  } catch {
    return {};
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
