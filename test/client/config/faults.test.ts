import OpenAI from 'breakwater';
import { configFaults, loadConfig } from 'breakwater/config';
import { expect, onTestFinished, test, vi } from 'vitest';
import { errorOf } from '../setup.js';

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test('all that is wrong with options is a line each, and a key in the place of a name is hidden', () => {
  const endpoints = [{ id: 'sk-canary of seoul', baseURL: 'ftp://seoul', apiKey: 'sk-canary' }];
  const config = { apiKey: 'sk-primary', router: { endpoints, 'sk-canary': 1 } };
  const faults = configFaults(
    thrownBy(() => new OpenAI(config)),
    { config, env: {} },
  );
  expect(faults.length).toBeGreaterThan(2);
  expect(faults.join('\n')).toContain('router.endpoints[0].baseURL must be');
  expect(faults.join('\n')).toContain('[hidden]');
  expect(faults.join('\n')).not.toContain('canary');
});

test('what cannot be loaded is told by its file and fault', async () => {
  expect(configFaults(await errorOf(loadConfig('no/such.mjs')))).toEqual(['no/such.mjs: there is no such file']);
});

test('of the error of somebody else the first line is told, without what the environment holds as a key', () => {
  vi.stubEnv('VAULT_TOKEN', 'hvs.canary');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(configFaults(new Error('the vault refused hvs.canary\n  at line 3'))).toEqual(['the vault refused [hidden]']);
  expect(configFaults('boo')).toEqual(['boo']);
  expect(configFaults(undefined)).toEqual(['undefined']);
});
