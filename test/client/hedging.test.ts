import { expect, test } from 'vitest';
import { question, start } from './setup.js';

const hedged = { router: { hedging: { delayMs: 60, minDelayMs: 10 } } };

/** The regions that were asked, in order. */
const asked = (simulator: { log: readonly { region: string }[] }) =>
  simulator.log.map(({ region }) => region).join(' ');

const startHedged = () => start(hedged);
type Client = Awaited<ReturnType<typeof start>>['client'];

test('a slow first target is overtaken, and its request is taken back', async () => {
  const { client, simulator, seoul } = await startHedged();
  seoul.set({ latencyMs: 2_000 });
  const startedAt = performance.now();
  const { choices } = await client.chat.completions.create(question());
  expect(choices[0]?.message.content).toBe('hello');
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  expect(asked(simulator)).toBe('seoul tokyo');
  await expect.poll(() => simulator.log[0]?.ending).toBe('client-left');
});

test('a stream is raced to its first content, and comes from one target alone', async () => {
  const { client, simulator, seoul } = await startHedged();
  seoul.fault({ kind: 'stall', afterTokens: 0 });
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...question('echo: a b c d'), stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('a b c d');
  expect(asked(simulator)).toBe('seoul tokyo');
});

test.each<[string, (client: Client) => Promise<unknown>]>([
  ['what is kept on a server', (client) => client.chat.completions.create({ ...question(), store: true })],
  [
    'a response, which is kept unless it says no',
    (client) => client.responses.create({ model: 'gpt-4.1', input: 'hi' }),
  ],
  [
    'a request that does not want it',
    (client) => client.chat.completions.create(question(), { router: { hedging: false } } as object),
  ],
])('nobody is asked twice for %s', async (_, ask) => {
  const { client, simulator, seoul } = await startHedged();
  seoul.set({ latencyMs: 200 });
  await ask(client);
  expect(asked(simulator)).toBe('seoul');
});

test('a response that is not kept is raced', async () => {
  const { client, simulator, seoul } = await startHedged();
  seoul.set({ latencyMs: 1_000 });
  await client.responses.create({ model: 'gpt-4.1', input: 'hi', store: false });
  expect(asked(simulator)).toBe('seoul tokyo');
});
