// A program that does everything a client can be left in the middle of, and then just ends. It must exit by itself.

import { startSimulator } from '@breakwater/simulator';
import { OpenAI } from 'breakwater';

const simulator = await startSimulator({ tokensPerSecond: 100, regions: { one: {}, two: {} } });
const at = (name: string) => ({ id: name, baseURL: simulator.region(name).baseURL, apiKey: 'sk-test' });
const client = new OpenAI({
  apiKey: 'sk-test',
  logLevel: 'off',
  router: { routing: 'priority', endpoints: [at('one'), at('two')] },
});
const question = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'echo: a b c' }] };

await client.chat.completions.create(question);

// A stream that is broken off, one that is never read, one that is aborted.
for await (const _chunk of await client.chat.completions.create({ ...question, stream: true })) break;
await client.chat.completions.create({ ...question, stream: true });
const aborted = await client.chat.completions.create({ ...question, stream: true });
aborted.controller.abort();

// A call that is aborted before it is answered, one that runs out of time, one that had to go elsewhere.
simulator.region('one').fault({ kind: 'silence', times: 2 });
const controller = new AbortController();
const left = client.chat.completions.create(question, { signal: controller.signal });
setTimeout(() => controller.abort(), 20);
const slow = client.chat.completions.create(question, { timeout: 20, router: { endpoint: 'one' } } as object);
const failures = await Promise.allSettled([left, slow]);
simulator.region('one').fault({ kind: 'status', status: 503 });
await client.chat.completions.create(question);

await simulator.close();
console.log(failures.map(({ status }) => status).join(' '));
console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
