// Events: what happens on the way, typed and free of prompts, answers and keys.
import { startSimulator } from '@breakwater/simulator';
import OpenAI from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
const endpoints = simulator.regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `key-of-${name}` }));
const client = new OpenAI({ apiKey: 'any', router: { routing: 'priority', endpoints, breaker: { failureStreak: 3 } } });

client.on('failover', ({ from, to, kind, status }) => console.log(`failover: ${from} -> ${to} (${status ?? kind})`));
client.on('breaker.opened', ({ target, reason }) => console.log(`breaker opened: ${target} (${reason})`));
const stop = client.on('request.succeeded', ({ target, attempts }) =>
  console.log(`answered by ${target}, attempt ${attempts}`),
);
// A listener that throws changes nothing for the call; it is reported here.
client.on('listener.failed', ({ event, message }) => console.log(`a listener of ${event} failed: ${message}`));
client.once('request.started', () => {
  throw new Error('my dashboard is down');
});

simulator.region('seoul').fault({ kind: 'status', status: 500 });
const messages = [{ role: 'user' as const, content: 'Hello' }];
for (let call = 1; call <= 4; call += 1) await client.chat.completions.create({ model: 'gpt-4.1', messages });

// What `on` answers with undoes it.
stop();
await client.chat.completions.create({ model: 'gpt-4.1', messages });

// Counts are made of the same events.
const { requests, attempts, failovers, fallbackRate } = client.router.stats();
console.log(
  `${requests.succeeded} answered, ${attempts} attempts, ${failovers} failovers, fallback rate ${fallbackRate}`,
);

await simulator.close();
