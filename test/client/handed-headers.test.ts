import OpenAI from 'breakwater';
import { describe, expect, test } from 'vitest';
import { question } from './setup.js';
import { hello, refusal, stub } from './stub.js';

const ENDPOINTS = [
  { id: 'away', baseURL: 'https://away.test/v1', apiKey: 'sk-away' },
  { id: 'home', baseURL: 'https://home.test/v1' },
  { id: 'far', baseURL: 'https://far.test/v1', apiKey: 'sk-far' },
];
const OPTIONS = {
  baseURL: 'https://home.test/v1',
  apiKey: 'sk-home',
  organization: 'org-home',
  defaultHeaders: { 'x-own': 'home' },
  router: { endpoints: ENDPOINTS, routing: 'priority' as const },
};

const seen = ({ host, headers }: { host: string; headers: Headers }) =>
  [host, headers.get('authorization'), headers.get('openai-organization'), headers.get('x-own')].join(' ');

// The first target is sent the very headers that the official client built; whoever is asked next must find what they were.
describe('the headers of a request', () => {
  test('are for each target what they would be if it were the first', async () => {
    const { fetch, sent } = stub(({ host }) => (host === 'far.test' ? hello() : refusal(503)));
    await new OpenAI({ ...OPTIONS, fetch }).chat.completions.create(question());
    expect(sent.map(seen)).toEqual([
      'away.test Bearer sk-away  ',
      'home.test Bearer sk-home org-home home',
      'far.test Bearer sk-far  ',
    ]);
  });

  test('are not changed for the next target by a fetch that writes into those it is given', async () => {
    const { fetch, sent } = stub(({ host }, { headers }) => {
      (headers as Headers).set('x-own', `key of ${host}`);
      return host === 'far.test' ? hello() : refusal(503);
    });
    await new OpenAI({ ...OPTIONS, fetch }).chat.completions.create(question());
    expect(sent.map(({ headers }) => headers.get('x-own'))).toEqual([null, 'home', null]);
  });

  test('are left alone where a subclass gives every request the same ones', async () => {
    const shared = new Headers({ authorization: 'Bearer sk-shared' });
    class Sharing extends OpenAI {
      override async buildRequest(...given: Parameters<OpenAI['buildRequest']>): ReturnType<OpenAI['buildRequest']> {
        const built = await super.buildRequest(...given);
        return { ...built, req: { ...built.req, headers: shared } };
      }
    }
    const { fetch, sent } = stub(() => hello());
    await new Sharing({ ...OPTIONS, fetch }).chat.completions.create(question());
    expect(sent.map(seen)).toEqual(['away.test Bearer sk-away  ']);
    expect([...shared]).toEqual([['authorization', 'Bearer sk-shared']]);
  });
});
