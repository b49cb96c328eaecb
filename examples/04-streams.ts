// Streams: another target takes over before the first content and after it, and the caller notices nothing.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { isStreamInterruptedError, type RequestRouterOptions, routeOf } from 'breakwater';

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

async function read(router: RequestRouterOptions = {}): Promise<string> {
  const messages = [{ role: 'user' as const, content: 'echo: one two three four five' }];
  const stream = await client.chat.completions.create({ model: 'gpt-4.1', stream: true, messages }, { router });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return `"${text}" from ${routeOf(stream)?.target}`;
}

seoul.fault({ kind: 'slow-first-token', delayMs: 5_000, times: 1 });
console.log('a slow first token: ', await read());
seoul.fault({ kind: 'cut', afterTokens: 0, times: 1 });
console.log('cut before a word:  ', await read());

// After the first content another target is asked to go on from the last words, and no word comes twice.
seoul.fault({ kind: 'cut', afterTokens: 3, times: 1 });
console.log('cut after 3 tokens: ', await read());

// What cannot be gone on with, a tool call say, or is not to be, ends in an error, and never as a short answer.
seoul.fault({ kind: 'cut', afterTokens: 3, times: 1 });
const error = await read({ rescue: 'error' }).catch((thrown: unknown) => thrown);
if (isStreamInterruptedError(error)) console.log('not to be rescued:  ', `${error.name} with "${error.partial.text}"`);

await simulator.close();
