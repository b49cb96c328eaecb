// Streams: until the first content another target may take over, and the caller notices nothing.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { isStreamInterruptedError, routeOf } from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
const seoul = simulator.region('seoul');

const client = new OpenAI({
  apiKey: 'any',
  router: {
    routing: 'priority', // In the order of the list.
    endpoints: [
      { id: 'seoul', baseURL: seoul.baseURL, apiKey: 'any' },
      { id: 'tokyo', baseURL: simulator.region('tokyo').baseURL, apiKey: 'any' },
    ],
    // How long a target may take to its first token. Silence is not asked twice: the next target is.
    timeouts: { firstTokenMs: 500 },
  },
});

async function read(): Promise<string> {
  const stream = await client.chat.completions.create({
    model: 'gpt-4.1',
    stream: true,
    messages: [{ role: 'user', content: 'echo: one two three four five' }],
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return `"${text}" from ${routeOf(stream)?.target}`;
}

seoul.fault({ kind: 'slow-first-token', delayMs: 5_000, times: 1 });
console.log('a slow first token: ', await read());
seoul.fault({ kind: 'cut', afterTokens: 0, times: 1 });
console.log('cut before a word:  ', await read());

// After the first content the answer is bound to its target. A cut there is an error, never a short answer.
seoul.fault({ kind: 'cut', afterTokens: 3, times: 1 });
const error = await read().catch((thrown: unknown) => thrown);
if (isStreamInterruptedError(error)) console.log('cut after 3 tokens: ', `${error.name} with "${error.partial.text}"`);

await simulator.close();
