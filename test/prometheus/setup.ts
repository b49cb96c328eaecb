import { type CollectOptions, collect } from '@breakwater/prometheus';
import type { Region } from '@breakwater/simulator';
import type OpenAI from 'breakwater';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { question, start, type WorldOptions } from '../client/setup.js';

/** What must never be told. */
export const MARKERS = {
  prompt: 'canary-prompt',
  answer: 'canary-answer',
  keys: ['sk-canary-primary', 'sk-canary-seoul', 'sk-canary-tokyo', 'sk-canary-second'],
};

const SIXTY = Array.from({ length: 60 }, (_, index) => `word${index + 1}`).join(' ');
const CONTENT = `echo: ${MARKERS.answer} ${MARKERS.prompt} ${SIXTY}`;

type InRegistry = Omit<CollectOptions, 'register'> & { readonly register?: Registry };

/** One world, its client under a name in a registry; all of it ends with the test. */
export async function startCollected(options: InRegistry = {}, world: WorldOptions = {}) {
  const started = await start({ client: { apiKey: 'sk-canary-primary', maxRetries: 0 }, ...world });
  const register = options.register ?? new Registry();
  const undo = collect(started.client, { register, ...options });
  onTestFinished(undo);
  return { ...started, register, undo };
}

/** Asks and reads the whole answer, whatever becomes of it. */
export async function whatever(client: OpenAI, streamed: boolean, more: object = {}): Promise<void> {
  const asked = { ...question(CONTENT), ...more };
  try {
    if (!streamed) return void (await client.chat.completions.create(asked));
    const options = { ...asked, stream: true as const, stream_options: { include_usage: true } };
    for await (const _ of await client.chat.completions.create(options));
  } catch {
    // What came of it is in the metrics.
  }
}

const ownKeys = ({ name }: Region) => ({
  apiKey: name === 'seoul' ? [`sk-canary-${name}`, 'sk-canary-second'] : `sk-canary-${name}`,
});

/** What is scraped after everything has happened for which there is a metric, to clients that share a registry. */
export async function storm() {
  const register = new Registry();
  const chaos = await startCollected(
    { register, name: 'chaos', fluxgateNames: true },
    {
      endpoint: ownKeys,
      simulator: {
        models: ['gpt-4.1', 'my-own'],
        regions: { seoul: { limits: { requestsPerMinute: 500 } }, tokyo: {} },
      },
      router: {
        routing: 'priority',
        hedging: { delayMs: 40, minDelayMs: 10 },
        budget: { perDayUSD: 50 },
        lastResort: () => 'sorry',
        retries: { maxWaitMs: 0 },
      },
    },
  );
  const { client, seoul, tokyo } = chaos;
  const requestIds: string[] = [];
  client.on('request.started', ({ requestId = '' }) => void requestIds.push(requestId));
  for (const streamed of [false, true]) await whatever(client, streamed);
  await whatever(client, false, { model: 'my-own' });
  seoul.fault({ kind: 'cut', afterTokens: 40, times: 1 });
  await whatever(client, true);
  await hedge(client, seoul);
  await client.router.checkHealth();
  tokyo.fault({ kind: 'rate-limit', retryAfterSeconds: 60, times: 1 });
  seoul.fault({ kind: 'status', status: 500 });
  for (let call = 0; call < 8; call += 1) await whatever(client, false);
  tokyo.fault({ kind: 'unauthorized' });
  await whatever(client, false, { model: 'my-own' });
  await alone(register);
  return { requestIds, scrape: await register.metrics(), json: JSON.stringify(await register.getMetricsAsJSON()) };
}

/** The second target is faster. */
async function hedge(client: OpenAI, seoul: Region): Promise<void> {
  seoul.set({ latencyMs: 400 });
  await whatever(client, false);
  seoul.set({ latencyMs: 0 });
}

/** What happens only to clients of other options. */
async function alone(register: Registry): Promise<void> {
  const one = { simulator: { regions: { seoul: {} } }, client: { apiKey: 'sk-canary-primary', maxRetries: 1 } };
  const lone = await startCollected(
    { register, name: 'lone' },
    { ...one, router: { breaker: { mode: 'observe-only', failureStreak: 2 } } },
  );
  lone.seoul.fault({ kind: 'status', status: 500, times: 2 });
  await whatever(lone.client, false);

  const narrow = { limits: { concurrency: 1, requestsPerMinute: 2 } };
  const queue = await startCollected({ register, name: 'queue' }, { ...one, router: narrow });
  queue.seoul.set({ latencyMs: 30 });
  await Promise.all([whatever(queue.client, false), whatever(queue.client, false)]);
  await whatever(queue.client.withOptions({ timeout: 200 }), false);

  const spent = await startCollected(
    { register, name: 'spent' },
    {
      simulator: { regions: { seoul: {}, tokyo: {}, osaka: {} } },
      router: { retries: { budget: { capacity: 0.1, perRequest: 0 } } },
    },
  );
  for (const region of [spent.seoul, spent.tokyo]) region.fault({ kind: 'status', status: 500 });
  await whatever(spent.client, false);
}
