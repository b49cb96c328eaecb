import { expect, test } from 'vitest';
import { run } from '../../../packages/client/src/doctor/run.js';
import { hiderOf } from '../../../packages/client/src/doctor/secrets.js';
import { configOf, endpointsAt, regionsOf } from './setup.js';

test('hides keys, headers and parameters of a configuration, and keys of the environment, the longest first', () => {
  const config = {
    apiKey: 'sk-first',
    router: {
      endpoints: [
        { id: 'seoul', apiKey: ['sk-first-of-seoul', 'sk-second'], headers: { authorization: 'Bearer sk-header' } },
        { id: 'tokyo', query: { code: 'in-the-query' }, models: ['gpt-4.1'] },
      ],
    },
  };
  const hide = hiderOf(config, { TOKYO_KEY: 'sk-of-the-env', HOME: '/home/somebody', SHORT_KEY: 'any' });
  expect(hide('sk-first-of-seoul sk-first sk-second sk-header in-the-query sk-of-the-env')).toBe(
    Array.from({ length: 6 }, () => '[hidden]').join(' '),
  );
  expect(hide('gpt-4.1 at seoul in /home/somebody for any')).toBe('gpt-4.1 at seoul in /home/somebody for any');
});

test('a configuration that holds itself is no reason to go round for ever', () => {
  const config: Record<string, unknown> = { apiKey: 'sk-first' };
  config.self = config;
  expect(hiderOf(config, {})('sk-first')).toBe('[hidden]');
});

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

// A getter that threw, of an agent among the options, made the command itself reject, in the very place where it tells faults.
test('what cannot be read in a configuration is passed over, and the keys beside it are hidden', () => {
  const config = {
    get fetchOptions(): never {
      throw new Error('not now');
    },
    apiKey: 'sk-first',
  };
  expect(hiderOf(config, {})('sk-first')).toBe('[hidden]');
});
