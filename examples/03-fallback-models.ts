// Fallback models: when a model is down everywhere another one answers, and the first one is used again once it is back.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { routeOf } from 'breakwater';

const simulator = await startSimulator({
  models: ['gpt-4.1', 'claude-sonnet-4-5', 'gemini-2.5-flash'],
  regions: { seoul: {} },
});
const seoul = simulator.region('seoul');

const client = new OpenAI({
  baseURL: seoul.baseURL,
  apiKey: 'any',
  router: {
    // One list for every model, or a list for each: { 'gpt-4.1': ['claude-sonnet-4-5', …] }.
    fallbacks: ['claude-sonnet-4-5', 'gemini-2.5-flash'],
  },
});

async function ask(): Promise<string> {
  const completion = await client.chat.completions.create({
    model: 'gpt-4.1',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  const tried = routeOf(completion)?.attempts.map(({ model, kind }) => `${model} ${kind}`);
  return `${completion.model} (${tried?.join(', ')})`;
}

console.log('all is well:    ', await ask());

// One model is out of its rate limit for 20 s, the next is unknown there: no second try mends either, so the third answers at once.
seoul.model('gpt-4.1').fault({ kind: 'status', status: 429, retryAfter: 20, times: 1 });
seoul.model('claude-sonnet-4-5').fault({ kind: 'status', status: 404, code: 'model_not_found', times: 1 });
console.log('two are down:   ', await ask());

// A model that asked for a rest gets it: it is not asked again before.
console.log('while it rests: ', await ask());
console.log(
  'seen by status: ',
  client.router
    .status()
    .targets.map(({ model, state }) => `${model} ${state}`)
    .join(', '),
);

await simulator.close();
