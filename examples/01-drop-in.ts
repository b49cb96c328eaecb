// The drop-in: only the import changes. Without the `router` option the official client runs as it is.
import { startSimulator } from '@breakwater/simulator';
import OpenAI from 'breakwater'; // before: import OpenAI from 'openai'
import { OpenAI as Official } from 'openai';

// A provider on 127.0.0.1 stands in for the real one, so that the example needs no key and no network.
const simulator = await startSimulator({ regions: { seoul: {} } });

const client = new OpenAI({ baseURL: simulator.region('seoul').baseURL, apiKey: 'any' });

const completion = await client.chat.completions.create({
  model: 'gpt-4.1',
  messages: [{ role: 'user', content: 'echo: hello from the harbour' }],
});

console.log('answer:', completion.choices[0]?.message.content);
console.log('an official client:', client instanceof Official);

// Errors are the official ones too.
const error = await client.chat.completions
  .create({ model: 'no-such-model', messages: [] })
  .catch((thrown: unknown) => thrown);
console.log('not found:', error instanceof OpenAI.NotFoundError);

await simulator.close();
