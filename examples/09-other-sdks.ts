// Other SDKs: the same routing as a plain `fetch`, here for the AI SDK. What takes an official client can be given ours as it is.
import { createOpenAI } from '@ai-sdk/openai';
import { startSimulator } from '@breakwater/simulator';
import { generateText, streamText } from 'ai';
import { createFetch } from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
const { baseURL } = simulator.region('seoul');

const fetch = createFetch({
  baseURL,
  apiKey: 'key-of-seoul',
  routing: 'priority', // In the order of the list.
  endpoints: [{ id: 'seoul' }, { id: 'tokyo', baseURL: simulator.region('tokyo').baseURL, apiKey: 'key-of-tokyo' }],
});
fetch.on('failover', ({ from, to, kind }) => console.log(`failover: ${from} -> ${to} (${kind})`));

const openai = createOpenAI({ baseURL, apiKey: 'key-of-seoul', fetch });
const model = openai.chat('gpt-4.1');

// One layer retries, not two: ours does.
const whole = await generateText({ model, maxRetries: 0, prompt: 'echo: all is well' });
console.log('generateText:', whole.text);

simulator.region('seoul').fault({ kind: 'refuse' });
const streamed = streamText({ model, maxRetries: 0, prompt: 'echo: seoul is gone and nobody noticed' });
let text = '';
for await (const piece of streamed.textStream) text += piece;
console.log('streamText:', text);

await simulator.close();
