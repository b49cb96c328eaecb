// Your own tests: the simulator misbehaves on demand, and its log tells what was really sent. Any test runner will do.
import assert from 'node:assert/strict';
import { startSimulator } from '@breakwater/simulator';
import OpenAI from 'breakwater';

const simulator = await startSimulator({ seed: 7, regions: { seoul: {}, tokyo: {} } });
const endpoints = simulator.regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `key-of-${name}` }));
// In the order of the regions, so that a test can say who is asked.
const newClient = () => new OpenAI({ apiKey: 'any', router: { routing: 'priority', endpoints } });
const params = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'echo: hi' }] };
const trail = () => simulator.log.map(({ region, status }) => `${region}:${status}`).join(' ');

async function check(title: string, body: () => Promise<void>): Promise<void> {
  simulator.heal();
  simulator.clearLog();
  await body();
  console.log(`ok: ${title}`);
}

await check('a 503 costs one attempt, and the next region answers', async () => {
  simulator.region('seoul').fault({ kind: 'status', status: 503 });
  const completion = await newClient().chat.completions.create(params);
  assert.equal(completion.choices[0]?.message.content, 'hi');
  assert.equal(trail(), 'seoul:503 tokyo:200');
});

await check("the caller's own mistake is sent once and thrown as it is", async () => {
  await assert.rejects(newClient().chat.completions.create({ ...params, messages: [] }), OpenAI.BadRequestError);
  assert.equal(trail(), 'seoul:400');
});

await check('the key of one region never reaches another', async () => {
  simulator.region('seoul').fault({ kind: 'unauthorized' });
  await newClient().chat.completions.create(params);
  const keys = simulator.log.map(({ headers }) => headers.authorization);
  assert.deepEqual(keys, ['Bearer key-of-seoul', 'Bearer key-of-tokyo']);
});

await simulator.close();
