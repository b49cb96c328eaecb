import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { defineConfig } from 'breakwater';
import { ConfigError, loadConfig } from 'breakwater/config';
import { expect, onTestFinished, test, vi } from 'vitest';
import { errorOf } from '../setup.js';

/** A folder with these files, which ends with the test. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const CONFIG = { apiKey: 'k', router: { routing: 'priority' } };
const TEXT = JSON.stringify(CONFIG);

test.each([
  ['router.config.mjs', `export default ${TEXT};`],
  ['router.config.cjs', `module.exports = ${TEXT};`],
  ['compiled.cjs', `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${TEXT};`],
  ['router.config.json', TEXT],
  ['router.config.ts', `const config: object = ${TEXT}; export default config;`],
])('%s gives the options that stand in it', async (name, text) => {
  const config = await loadConfig(join(folderOf({ [name]: text }), name));
  expect(config).toEqual(CONFIG);
  expect(new OpenAI(config).router.stats().attempts).toBe(0);
});

test('a config is given back as it is', () => {
  const config = { apiKey: 'k', router: {} };
  expect(defineConfig(config)).toBe(config);
});

test('without a name the first router.config.* of the working directory is taken', async () => {
  const folder = folderOf({ 'router.config.json': TEXT });
  const spy = vi.spyOn(process, 'cwd').mockReturnValue(folder);
  onTestFinished(() => spy.mockRestore());
  expect(await loadConfig()).toEqual(CONFIG);
  rmSync(join(folder, 'router.config.json'));
  expect((await errorOf(loadConfig())).message).toBe(
    `${folder}: there is none of router.config.mjs, router.config.js, router.config.ts, router.config.mts, router.config.cjs, router.config.json here; name your file`,
  );
});

test.each([
  ['a.mjs', 'export const config = {};', 'it has no default export; write export default defineConfig({ … })'],
  ['a.mjs', 'export default [];', 'its default export must be an object with the options of a client, but is a list'],
  [
    'a.mjs',
    'export default () => ({});',
    'its default export must be an object with the options of a client, but is a function',
  ],
  [
    'a.mjs',
    "import 'no-such-package-at-all';",
    expect.stringMatching(/^it cannot be imported: .*no-such-package-at-all/),
  ],
  ['a.mjs', "\nthrow new Error('boo');", 'it cannot be imported: Error; see line 2'],
  ['a.mjs', "throw 'boo';", 'it cannot be imported: it threw what is no error'],
  ['a.mjs', 'export default {', expect.stringMatching(/^it cannot be (?:parsed|imported): /)],
  ['a.json', '[1]', 'its content must be an object with the options of a client, but is a list'],
  ['a.json', '{\n  "maxRetries": 3,\n  "apiKey": sk-canary\n}', 'it is no JSON: see line 3'],
  ['a.json', '{\n  "apiKey": "sk-canary",\n}', 'it is no JSON: see line 3'],
  ['a.json', '{ "apiKey":', 'it is no JSON: it ends too early'],
])('%s with %j is refused by name and fault', async (name, text, fault) => {
  const file = join(folderOf({ [name]: text }), name);
  const error = await errorOf<ConfigError>(loadConfig(file));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.file).toBe(file);
  expect(error.message.slice(`${file}: `.length)).toEqual(fault);
});

// Somebody forgot the quotes around a key, and the platform's message, which names what it does not know, was printed with the key in it.
test.each([
  ['a.mjs', '\nexport default { apiKey: sk_canary };'],
  ['a.mjs', "export default { apiKey: 'k' sk_canary };"],
  ['a.cjs', "module.exports = { apiKey: 'k' sk_canary };"],
  ['a.mjs', "export default JSON.parse('sk_canary');"],
  ['a.mjs', "throw new Error('refused: https://vault.test/?code=sk_canary');"],
])('%s with %j is refused without a word of what stands in it', async (name, text) => {
  const { message, cause } = await errorOf<ConfigError>(loadConfig(join(folderOf({ [name]: text }), name)));
  expect(message).toMatch(/: it cannot be (?:imported|parsed): \w+/);
  expect(message).not.toContain('canary');
  expect(cause).toBeInstanceOf(Error);
});

test('a file that is not there is named', async () => {
  expect((await errorOf(loadConfig('no/such.mjs'))).message).toBe('no/such.mjs: there is no such file');
});

test.each([
  [42, 'but was given a number'],
  [null, 'but was given null'],
  ['', 'but was given an empty text: is an environment variable not set?'],
  [
    new URL('https://config.test/router.mjs'),
    'but was given a URL of https:; what is elsewhere has to be fetched before',
  ],
  [new URL('file:///etc/router.mjs'), 'but was given a URL of file:; write fileURLToPath(url)'],
])('%s is no path, which is said with what is wanted', async (given, fault) => {
  const error = await errorOf<ConfigError>(loadConfig(given as string));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe(`loadConfig: it takes the path of a file, such as ./router.config.mjs, ${fault}`);
});

test('a folder that is called like a file of JSON is told as what cannot be read', async () => {
  const folder = join(folderOf({ 'router.config.json': TEXT }), 'folder.json');
  mkdirSync(folder);
  const error = await errorOf<ConfigError>(loadConfig(folder));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toBe(`${folder}: it cannot be read: EISDIR`);
});
