import Official from 'openai';
import Official5 from 'openai-v5';
import Official6 from 'openai-v6';
import { describe, expect, test } from 'vitest';
import { ownKeys, seenKey } from '../../../packages/client/src/providers/credential.js';
import { KeyRing } from '../../../packages/client/src/providers/endpoint.js';

// A thousand keys that callers made up, and all names were forgotten: those of the keys in use, with what was known of them.
test('a key that is in use keeps its name, however many others there are', () => {
  const ring = new KeyRing();
  const names = new Set<string>();
  for (let other = 0; other < 5_000; other += 1) {
    ring.nameOf(`made up ${other}`);
    names.add(ring.nameOf('mine'));
  }
  expect([...names]).toEqual(['key#2']);
  expect(ring.nameOf('made up 0')).not.toBe('key#1');
});

const own = (endpoint: object) => ownKeys({ id: 'a', ...endpoint }, new KeyRing())[0];

describe('a key that can be seen', () => {
  test('has another name as soon as it is another one, and the old one again when it comes back', () => {
    let key: string | null = 'sk-1';
    const credential = seenKey(() => key, 'a', new KeyRing());
    const names = ['sk-1', 'sk-2', 'sk-1', '', null].map((now) => {
      key = now;
      return credential.name();
    });
    expect(names).toEqual(['key#1', 'key#2', 'key#1', 'a', 'a']);
    expect(names.join()).not.toContain('sk-');
  });

  test('keeps its name whatever becomes of it', () => {
    const credential = own({ apiKey: 'sk-1' });
    credential?.told('auth');
    expect(credential?.name()).toBe('key#1');
  });

  test('is read from a ready-made client whenever its name is asked for', () => {
    const client = new Official({ apiKey: 'sk-1' });
    const credential = own({ client });
    expect(credential?.name()).toBe('key#1');
    client.apiKey = 'sk-2';
    expect(credential?.name()).toBe('key#2');
  });

  test('among the headers has the name of its endpoint; without one there is none', () => {
    expect(own({ headers: { 'api-key': 'k' } })?.name()).toBe('a');
    expect(own({ headers: { 'x-team': 't' } })).toBeUndefined();
    expect(own({})).toBeUndefined();
  });
});

describe('a key that a function gives', () => {
  const apiKey = async () => 'sk-1';

  test.each([
    ['the endpoint', { apiKey }],
    ['a ready-made client of major 7', { client: new Official({ apiKey }) }],
    ['a ready-made client of major 6', { client: new Official6({ apiKey }) }],
    ['a ready-made client of major 5', { client: new Official5({ apiKey }) }],
  ])(
    'of %s is another credential after its first refusal, and after a second in a row the same',
    (_whose, endpoint) => {
      const credential = own(endpoint);
      const names: (string | undefined)[] = [];
      for (const kind of ['ok', 'auth', 'auth', 'ok', 'auth'] as const) {
        credential?.told(kind);
        names.push(credential?.name());
      }
      expect(names).toEqual(['a', 'a.1', 'a.1', 'a.1', 'a.2']);
    },
  );

  test.each(['quota', 'rate_limit', 'server_error', 'caller_abort'] as const)('is the same one after %s', (kind) => {
    const credential = own({ apiKey });
    credential?.told(kind);
    expect(credential?.name()).toBe('a');
  });

  test('has its name although a client shows the key that was given last', () => {
    const client = new Official({ apiKey });
    client.apiKey = 'sk-given';
    expect(own({ client })?.name()).toBe('a');
  });
});
