// The last resort: when everything has failed, an answer of your own instead of an error.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { cannedReplies, routeOf } from 'breakwater';

const simulator = await startSimulator({ regions: { seoul: {} } });

const client = new OpenAI({
  baseURL: simulator.region('seoul').baseURL,
  apiKey: 'any',
  maxRetries: 0,
  router: {
    // By what the question is about; the first rule that fits wins. A function (error, request) => text does as well.
    lastResort: cannedReplies(
      [
        { when: ['price', 'cost'], reply: 'Our prices are at example.com/prices.' },
        { when: /\b(hi|hello)\b/i, reply: 'Hello! I can only give short answers right now.' },
      ],
      'We are having trouble. Please try again in a minute.',
    ),
  },
});

client.on('lastresort.used', ({ kind, status }) => console.log(`  (last resort, because of ${kind} ${status})`));

async function ask(content: string): Promise<void> {
  const completion = await client.chat.completions.create({ model: 'gpt-4.1', messages: [{ role: 'user', content }] });
  const source = routeOf(completion)?.lastResort ? 'canned' : 'model';
  console.log(`${source}: ${completion.choices[0]?.message.content}`);
}

await ask('echo: all is well');

simulator.region('seoul').fault({ kind: 'status', status: 500 });
await ask('What does it cost?');
await ask('Hello there');
await ask('Tell me about the sea');

await simulator.close();
