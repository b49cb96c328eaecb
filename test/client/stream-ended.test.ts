import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { asked, type Difference, readOut, startBroken } from './rescue-setup.js';
import { eventsOf, start, turn, until } from './setup.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Client = Awaited<ReturnType<typeof startBroken>>['client'];

const CUT = { kind: 'cut', afterTokens: 40 } as const;
const ask = (client: Client) => client.chat.completions.create(asked);
const readAll = async (client: Client) => void (await readOut(await ask(client)));

async function leave(client: Client): Promise<void> {
  for await (const _chunk of await ask(client)) break;
}

interface Case {
  readonly cut?: boolean;
  readonly world?: Difference;
  readonly use: (client: Client) => Promise<void>;
  readonly kind: string;
  readonly attempts: number;
}

// A stream that broke has an end of its attempt, and nobody could tell from the events whether somebody would go on with it.
test.each<[string, Case]>([
  ['is read to its end', { use: readAll, kind: 'ok', attempts: 1 }],
  ['is left', { use: leave, kind: 'ok', attempts: 1 }],
  ['is let go of', { use: async (client) => void (await ask(client)), kind: 'ok', attempts: 1 }],
  ['goes on elsewhere', { cut: true, use: readAll, kind: 'ok', attempts: 2 }],
  [
    'breaks off and is not to go on',
    {
      cut: true,
      world: { router: { streams: { rescue: 'error' } } },
      use: readAll,
      kind: 'stream_error_late',
      attempts: 1,
    },
  ],
  [
    'breaks off where nobody can go on',
    { cut: true, world: { tokyo: { models: ['none'] } }, use: readAll, kind: 'stream_error_late', attempts: 5 },
  ],
])('a stream that %s is over once, behind its attempts', async (_, { cut, world, use, kind, attempts }) => {
  const { client, seoul, tokyo } = await startBroken(world);
  tokyo.set({ tokensPerSecond: 100 });
  if (cut) seoul.fault(CUT);
  else seoul.set({ tokensPerSecond: 100 });
  const events = eventsOf(client);
  await use(client);
  await until(() => {
    collectGarbage();
    return events.some(({ name }) => name === 'stream.ended');
  });
  await turn();
  const told = events.map(({ name }) => name).filter((name) => /^(?:attempt|request|stream\.ended)/.test(name));
  expect(told.filter((name) => name === 'stream.ended').length).toBe(1);
  expect(told.at(-1)).toBe('stream.ended');
  expect(told.filter((name) => name === 'attempt.started').length).toBe(attempts);
  expect(events.find(({ name }) => name === 'stream.ended')?.payload).toMatchObject({ kind });
});

test('a whole answer has no such end', async () => {
  const { client } = await start();
  const events = eventsOf(client, ['stream.ended']);
  await client.chat.completions.create({ ...asked, stream: false });
  expect(events).toEqual([]);
});
