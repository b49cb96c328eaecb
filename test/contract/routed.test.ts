import { type Fault, startSimulator } from '@breakwater/simulator';
import { OpenAI as Routed } from 'breakwater';
import { type ClientOptions, OpenAI } from 'openai';
import { VERSION } from 'openai/version';
import { describe, expect, test } from 'vitest';
import { question } from './questions.js';

/** Asks a provider with one lasting fault, and answers with how it ended and how many requests that took. */
async function ask(Client: typeof OpenAI, fault: Fault, options: object = {}): Promise<string> {
  const simulator = await startSimulator();
  let sent = 0;
  const counted: ClientOptions['fetch'] = (url, init) => {
    sent += 1;
    return fetch(url, init);
  };
  try {
    const region = simulator.region('local');
    region.fault(fault);
    const client = new Client({
      baseURL: region.baseURL,
      apiKey: 'sk-test',
      logLevel: 'off',
      fetch: counted,
      ...options,
    });
    const ended = await client.chat.completions.create(question('hello')).then(
      () => 'answered',
      (error: Error) => error.constructor.name,
    );
    return `${ended} ${sent}`;
  } finally {
    await simulator.close();
  }
}

/**
 * What a lone target is asked when it goes on failing, with `maxRetries: 1`. The official client never looks at what kind of failure
 * it was beyond its status; a router does, and where the two differ the reason is written here.
 */
const ATTEMPTS: readonly [what: string, fault: Fault, official: string, routed: string, options?: object][] = [
  ['500', { kind: 'status', status: 500 }, 'InternalServerError 2', 'InternalServerError 2'],
  ['502', { kind: 'status', status: 502 }, 'InternalServerError 2', 'InternalServerError 2'],
  ['529', { kind: 'status', status: 529 }, 'InternalServerError 2', 'InternalServerError 2'],
  ['503', { kind: 'status', status: 503 }, 'InternalServerError 2', 'InternalServerError 2'],
  [
    '503, soon',
    { kind: 'status', status: 503, headers: { 'retry-after-ms': '5' } },
    'InternalServerError 2',
    'InternalServerError 2',
  ],
  [
    '429, soon',
    { kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } },
    'RateLimitError 2',
    'RateLimitError 2',
  ],
  ['408', { kind: 'status', status: 408 }, 'APIError 2', 'APIError 2'],
  ['409', { kind: 'status', status: 409 }, 'ConflictError 2', 'ConflictError 2'],
  ['a reset', { kind: 'reset' }, 'APIConnectionError 2', 'APIConnectionError 2'],
  ['a refused connection', { kind: 'refuse' }, 'APIConnectionError 2', 'APIConnectionError 2'],
  ['400', { kind: 'status', status: 400 }, 'BadRequestError 1', 'BadRequestError 1'],
  ['401', { kind: 'unauthorized' }, 'AuthenticationError 1', 'AuthenticationError 1'],
  ['403', { kind: 'status', status: 403 }, 'PermissionDeniedError 1', 'PermissionDeniedError 1'],
  ['404', { kind: 'status', status: 404 }, 'NotFoundError 1', 'NotFoundError 1'],
  // The provider knows best when it is too early, and a moment mends it.
  ['425', { kind: 'status', status: 425 }, 'APIError 1', 'APIError 2'],
  // No wait mends an empty account.
  ['an empty account', { kind: 'quota' }, 'RateLimitError 2', 'RateLimitError 1'],
  // The second silence would cost as much as the first, and the time is that of the whole call.
  ['silence', { kind: 'silence' }, 'APIConnectionTimeoutError 2', 'APIConnectionTimeoutError 1', { timeout: 300 }],
  // A page is no answer, whatever its status says; the caller is told.
  ['a page', { kind: 'html' }, 'answered 1', 'APIConnectionError 1'],
  ['nothing', { kind: 'empty' }, VERSION.startsWith('5') ? 'SyntaxError 1' : 'answered 1', 'APIConnectionError 1'],
  ['no choices', { kind: 'no-choices' }, 'answered 1', 'APIConnectionError 1'],
];

describe.concurrent('how often a lone target is asked, by the official client and by a router, when it answers with', () => {
  test.each(ATTEMPTS)('%s', async (_what, fault, official, routed, options = {}) => {
    const asked = { maxRetries: 1, ...options };
    const seen = await Promise.all([
      ask(OpenAI, fault, asked),
      ask(Routed, fault, asked),
      ask(Routed, fault, { ...asked, router: {} }),
    ]);
    expect(seen).toEqual([official, official, routed]);
  });
});

describe('a child of a client with a router', () => {
  const parent = new Routed({ apiKey: 'sk-test', router: {} });

  test('shares the router with its parent, through any number of generations', () => {
    const child = parent.withOptions({ timeout: 5_000 }).withOptions({ apiKey: 'sk-other' });
    expect(child.router).toBe(parent.router);
  });

  test('has one of its own when it brings another address or other router options', () => {
    const elsewhere = parent.withOptions({ baseURL: 'http://127.0.0.1:1/v1' });
    expect(elsewhere.router).not.toBe(parent.router);
  });
});
