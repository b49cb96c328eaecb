import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, FORMATS, root, runBuilt } from './built.js';

beforeAll(() => ensureBuilt(), 120_000);

const CLIENTS = `
  const ours = await load('breakwater');
  const official = await load('openai');
  const plain = new ours.OpenAI({ apiKey: 'k' });
  const routed = new ours.OpenAI({ apiKey: 'k', router: {} });
  const azure = new ours.AzureOpenAI({ apiKey: 'k', endpoint: 'https://azure.example.com', apiVersion: '2024-10-21' });
`;

describe.each(FORMATS)('the built package as %s', (format) => {
  test('exports every name of the official package, and ours', () => {
    const missing = runBuilt(
      format,
      `${CLIENTS} tell([...Object.keys(official), 'routeOf', 'createFetch', 'NoTargetError'].filter((name) => !(name in ours)));`,
    );
    expect(missing).toEqual([]);
  });

  test('gives out the official objects themselves, except for the two clients', () => {
    const replaced = `${CLIENTS} tell(Object.keys(official).filter((name) => ours[name] !== official[name]).sort());`;
    expect((runBuilt(format, replaced) as string[]).filter((name) => name !== 'module.exports')).toEqual([
      'AzureOpenAI',
      'OpenAI',
      'default',
    ]);
  });

  test('makes clients that are instances of the official classes', () => {
    const instances = `${CLIENTS} tell([plain instanceof official.OpenAI, routed instanceof official.OpenAI, azure instanceof official.AzureOpenAI]);`;
    expect(runBuilt(format, instances)).toEqual([true, true, true]);
  });

  test('tells providers the official name of the client: bundling has not renamed the classes', () => {
    const agents = `${CLIENTS}
      const agentOf = async (client) => (await client.buildRequest({ method: 'get', path: '/models' })).req.headers.get('user-agent');
      tell([await agentOf(plain), await agentOf(routed), await agentOf(azure)].map((agent) => agent.split('/')[0]));`;
    expect(runBuilt(format, agents)).toEqual(['OpenAI', 'OpenAI', 'AzureOpenAI']);
  });

  test('throws errors that are instances of the official ones', () => {
    const thrown = `${CLIENTS}
      let optionsError;
      try { new ours.OpenAI({ apiKey: 'k', router: { nonsense: 1 } }); } catch (error) { optionsError = error; }
      const fetch = async () => Response.json({ error: { message: 'no' } }, { status: 400 });
      const refused = await new ours.OpenAI({ apiKey: 'k', router: {}, fetch }).models.list().catch((error) => error);
      tell([optionsError instanceof official.OpenAIError, ours.isOptionsError(optionsError), refused instanceof official.BadRequestError]);`;
    expect(runBuilt(format, thrown)).toEqual([true, true, true]);
  });

  test('fails over to the next endpoint and tells the way', () => {
    const failover = `${CLIENTS}
      const fetch = async (url) => url.includes('one.')
        ? Response.json({ error: { message: 'down' } }, { status: 503 })
        : Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }] });
      const endpoints = ['one', 'two'].map((id) => ({ id, apiKey: 'k', baseURL: 'https://' + id + '.example.com/v1' }));
      const client = new ours.OpenAI({ apiKey: 'k', fetch, router: { routing: 'priority', endpoints } });
      const chat = await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
      tell([chat.choices[0].message.content, ours.routeOf(chat).attempts.map(({ target, kind }) => target + ' ' + kind)]);`;
    expect(runBuilt(format, failover)).toEqual(['hello', ['one/m overloaded', 'two/m ok']]);
  });
});

describe('the CommonJS build', () => {
  test('is the class itself, as it is with the official package', () => {
    const shape = `
      const OpenAI = require('breakwater');
      const client = new OpenAI({ apiKey: 'k' });
      tell([client instanceof OpenAI, client instanceof require('openai'), OpenAI.name, OpenAI.OpenAI === OpenAI, OpenAI.default === OpenAI, OpenAI.__esModule]);`;
    const official = runBuilt('cjs', `tell(new (require('openai'))({ apiKey: 'k' }) instanceof require('openai'))`);
    expect(runBuilt('cjs', shape)).toEqual([true, official, 'OpenAI', true, true, true]);
  });

  test('carries p-retry inside, because p-retry cannot be required on every Node it runs on', () => {
    const required = [...readFileSync(`${root}packages/core/dist/index.cjs`, 'utf8').matchAll(/require\("([^"]+)"\)/g)];
    expect(new Set(required.map(([, name]) => name))).toEqual(new Set(['eventemitter3']));
  });
});

describe('the ESM build', () => {
  test.each([
    ['core', ['eventemitter3', 'p-retry']],
    ['client', ['@breakwater/core', 'openai']],
  ])('of %s leaves its dependencies outside', (folder, dependencies) => {
    const code = readFileSync(`${root}packages/${folder}/dist/index.js`, 'utf8');
    const imported = [...code.matchAll(/^(?:import|export|\}) ?(?:.* ?from )?"([^"]+)";$/gm)].map(([, name]) => name);
    expect([...new Set(imported)].sort()).toEqual(dependencies);
  });
});
