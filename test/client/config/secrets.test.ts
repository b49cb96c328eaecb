import { expect, test } from 'vitest';
import { hiderOf } from '../../../packages/client/src/config/secrets.js';

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
