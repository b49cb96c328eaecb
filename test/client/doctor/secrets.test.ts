import { expect, test } from 'vitest';
import { run } from '../../../packages/client/src/doctor/run.js';
import { configOf, endpointsAt, regionsOf } from './setup.js';

// With MAX_TOKENS=100000 in the environment and a limit of 100000 the report read "limit": [hidden], which no program could parse.
test('numbers and names stay in a report, whatever the environment has under names like those of keys', async () => {
  const simulator = await regionsOf({ seoul: { limits: { requestsPerMinute: 100_000 } } });
  const config = configOf(endpointsAt(simulator));
  const env = { MAX_TOKENS: '100000', TOKEN_ENV: 'endpoint', PRIMARY_KEY: 'requests' };
  const { exitCode, out } = await run(['doctor', '--config', config, '--json'], env);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out).endpoints[0].limits.requests.limit).toBe(100_000);
  const table = await run(['doctor', '--config', config], env);
  expect(table.out).toContain('100000 requests/min');
});

test('a key that looks like a name or a number of the report is hidden in its texts only', async () => {
  const simulator = await regionsOf({ seoul: { limits: { requestsPerMinute: 100_000 } } });
  const [endpoint] = endpointsAt(simulator, { id: 'at-endpoints', apiKey: ['endpoints', '100000'] });
  const { out } = await run(['doctor', '--config', configOf(endpoint ? [endpoint] : []), '--json'], {});
  const [{ id, limits }] = JSON.parse(out).endpoints;
  expect(id).toBe('at-[hidden]');
  expect(limits.requests.limit).toBe(100_000);
});
