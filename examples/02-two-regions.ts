// Two regions: when the first one dies the second one answers, within the same call.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { routeOf } from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });

const client = new OpenAI({
  baseURL: simulator.region('seoul').baseURL,
  apiKey: 'key-of-seoul',
  router: {
    // The first of the list is the first choice. Without this line it is whoever answers fastest.
    routing: 'priority',
    endpoints: [
      // What an endpoint leaves out it takes from the client. A key never goes to another host, so tokyo needs its own.
      { id: 'seoul', region: 'ap-northeast-2' },
      { id: 'tokyo', baseURL: simulator.region('tokyo').baseURL, apiKey: 'key-of-tokyo', region: 'ap-northeast-1' },
    ],
  },
});

async function ask(text: string): Promise<void> {
  const completion = await client.chat.completions.create({
    model: 'gpt-4.1',
    messages: [{ role: 'user', content: `echo: ${text}` }],
  });
  const route = routeOf(completion);
  const trail = route?.attempts.map(({ target, kind }) => `${target} ${kind}`).join(', then ');
  console.log(`${completion.choices[0]?.message.content}: ${trail}`);
}

await ask('both regions are up');

const undo = simulator.region('seoul').fault({ kind: 'refuse' });
await ask('seoul refuses connections');

// Back again: the first region in the list is the first choice, as soon as it answers.
undo();
await simulator.region('seoul').ready();
await ask('seoul is back');

await simulator.close();
