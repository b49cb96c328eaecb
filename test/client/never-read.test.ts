import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { eventsOf, question, start } from './setup.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// The platform closes the connection of a response that nobody reads or holds; of a stream that had been looked into it did not, and the
// attempt was counted as under way for ever.
test.each([
  ['', undefined],
  [', even while the signal of its caller lives on', new AbortController().signal],
])('a stream that nobody reads or holds is let go of with its connection%s', async (_even, signal) => {
  const { client, simulator, seoul } = await start();
  seoul.set({ tokensPerSecond: 50 });
  const events = eventsOf(client, ['attempt.abandoned', 'attempt.failed', 'attempt.succeeded']);
  const words = Array.from({ length: 500 }, (_, index) => `word${index}`).join(' ');
  const ask = async () => {
    await client.chat.completions.create({ ...question(`echo: ${words}`), stream: true }, signal ? { signal } : {});
  };
  for (let i = 0; i < 3; i += 1) await ask();
  for (let left = 100; left > 0 && events.length < 3; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();
  }
  // Their first content was there: for the target they were served, as when a reader leaves behind it.
  expect(events.map(({ name }) => name)).toEqual(Array(3).fill('attempt.succeeded'));
  expect(client.router.stats().targets['seoul/gpt-4.1']).toMatchObject({ inFlight: 0, succeeded: 3, abandoned: 0 });
  for (let left = 100; left > 0 && simulator.log.some(({ ending }) => ending === 'open'); left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(simulator.log.map(({ ending }) => ending)).toEqual(Array(3).fill('client-left'));
});
