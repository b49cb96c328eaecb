import { inspect } from 'node:util';
import OpenAI, { type EndpointOptions, type RouterOptions } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question } from '../setup.js';
import { hello, stub } from '../stub.js';

const SECRET = 'sk-canary-1234';
const failing = {
  'that rejects': () => Promise.reject(new Error(`no lease for ${SECRET}`)),
  'that throws at once': () => {
    throw new Error(`no lease for ${SECRET}`);
  },
  'that gives nothing': () => Promise.resolve(''),
} as const;

function clientOf(endpoints: Partial<EndpointOptions>[], alerts: RouterOptions['alerts'] = {}) {
  const { fetch, sent } = stub(hello);
  const all = endpoints.map((one, index) => ({ id: 'ab'[index], baseURL: `https://${'ab'[index]}.test/v1`, ...one }));
  const router = { routing: 'priority', endpoints: all as EndpointOptions[], alerts } as const;
  const client = new OpenAI({ apiKey: 'sk-primary', maxRetries: 0, logLevel: 'off', fetch, router });
  const ask = () => client.chat.completions.create(question());
  return { client, sent, ask };
}

// The vault's lease had run out in the night. Everything went to the second region, at its price, and the report said that nothing was wrong.
describe.each(Object.entries(failing))('a key function %s', (_how, apiKey) => {
  test('is told in the report, without what it threw', async () => {
    const { client, ask } = clientOf([{ apiKey }, { apiKey: 'k' }]);
    const events = eventsOf(client);
    for (let call = 0; call < 3; call += 1) await ask();
    const report = client.router.report();
    expect(report.wrong).toEqual([
      expect.stringMatching(
        /^a: the request could not be made, because its apiKey function (?:failed|gave no key) 3 times in a row, the last time .* ago\.$/,
      ),
    ]);
    expect(String(report)).not.toContain('Nothing is wrong');
    expect(report.score).toBeLessThan(100);
    expect(report.recent).toContainEqual(expect.objectContaining({ event: 'attempt.failed', times: 3 }));
    expect(inspect([report, String(report), events], { depth: 9 })).not.toContain('canary');
  });

  test('fires allDown when there is nobody else, and not at its first failure', async () => {
    const { client, ask } = clientOf([{ apiKey }]);
    const alerts = eventsOf(client, ['alert']);
    for (let call = 0; call < 2; call += 1) await errorOf(ask());
    expect(alerts).toEqual([]);
    await errorOf(ask());
    const [alert] = alerts.map(({ payload }) => payload);
    expect(alert).toMatchObject({ rule: 'allDown', severity: 'critical', state: 'firing' });
    expect(alert?.text).toMatch(
      /^Nobody can be asked for gpt-4\.1: a\/gpt-4\.1 is of no use \(the request could not be made, because its apiKey function/,
    );
    expect(inspect(alerts, { depth: 9 })).not.toContain('canary');
  });
});

test('a key function that gives keys again is not told of any more', async () => {
  let isWell = false;
  const apiKey = () => (isWell ? Promise.resolve('k') : Promise.reject(new Error('the vault is down')));
  const { client, ask } = clientOf([{ apiKey }], false);
  await errorOf(ask());
  expect(client.router.report().wrong).toHaveLength(1);
  isWell = true;
  await ask();
  expect(client.router.report().wrong).toEqual([]);
});

// Each call was answered with the second key at once, which hid that the first had never worked.
test('one of several keys that no function gives is told by its name, though the others work', async () => {
  const { client, ask } = clientOf([{ apiKey: [failing['that rejects'], 'sk-good'] }]);
  for (let call = 0; call < 2; call += 1) await ask();
  expect(client.router.report().wrong).toEqual([
    expect.stringMatching(/^a\/key#1: the request could not be made, because its apiKey function failed/),
  ]);
});
