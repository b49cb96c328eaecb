// Timeouts and retries: how long one attempt may take, how long the whole call, and how often a lone target is asked.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { isAttemptTimeoutError, type RequestRouterOptions, routeOf } from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
const [seoul, tokyo] = [simulator.region('seoul'), simulator.region('tokyo')];

const client = new OpenAI({
  apiKey: 'any',
  timeout: 5_000, // The whole call, with all its attempts and waits.
  maxRetries: 2, // Repeats on one target, as in the official client.
  router: {
    routing: 'priority', // In the order of the list.
    endpoints: [
      { id: 'seoul', baseURL: seoul.baseURL, apiKey: 'any' },
      { id: 'tokyo', baseURL: tokyo.baseURL, apiKey: 'any' },
    ],
    timeouts: { attemptMs: 500 }, // One attempt.
    retries: { maxWaitMs: 3_000 }, // The longest wait for a target that asked for a rest.
  },
});

async function ask(options: { router?: RequestRouterOptions } = {}): Promise<string> {
  const params = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const outcome = await client.chat.completions.create(params, options).catch((thrown: unknown) => thrown);
  const trail = routeOf(outcome)
    ?.attempts.map(({ target, kind }) => `${target} ${kind}`)
    .join(', ');
  return isAttemptTimeoutError(outcome) ? `${trail}: ${outcome.name}` : String(trail);
}

seoul.fault({ kind: 'silence', times: 1 });
console.log('silence:          ', await ask());

// With nowhere else to go a moment's trouble is waited out: here because the request names its endpoint.
seoul.fault({ kind: 'status', status: 500, times: 1 });
console.log('a 500, no way out:', await ask({ router: { endpoint: 'seoul' } }));

// A short rate limit is waited for in the same way, but never while the same model can be had elsewhere.
seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 1, times: 1 });
console.log('a short 429:      ', await ask());
console.log('while it rests:   ', await ask({ router: { endpoint: 'seoul' } }));

// When nobody answers in time the caller gets an error of the official family.
for (const region of simulator.regions) region.fault({ kind: 'silence' });
console.log('silence all over: ', await ask());

await simulator.close();
