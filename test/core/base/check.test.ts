import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anything,
  boolean,
  type Check,
  either,
  faultsOf,
  fraction,
  functionOf,
  listOf,
  nonNegativeInteger,
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  positiveNumber,
  recordOf,
  shape,
  text,
  url,
} from '../../../packages/core/src/base/check.js';

const breaker = shape({ openMs: positiveInteger, failureRate: fraction });
const router = shape({
  breaker: either('false or breaker options', oneOf(false), breaker),
  endpoints: listOf(shape({ id: text, baseURL: url, apiKey: text, headers: recordOf(text) }, { required: ['id'] })),
  fallbacks: either('a list of models, or such a list per model', listOf(text), recordOf(listOf(text))),
  lastResort: functionOf('(error) => string'),
});

const faults = (value: unknown, check: Check = router) => faultsOf(check, value, 'router');

describe('what passes', () => {
  test('good options have no faults', () => {
    const good = {
      breaker: false,
      endpoints: [{ id: 'seoul', baseURL: 'https://api.example.com/v1', headers: { 'x-team': 'a' } }],
      fallbacks: { 'gpt-4.1': ['deepseek-chat'] },
      lastResort: () => 'later',
    };
    expect(faults(good)).toEqual([]);
    expect(faults({ fallbacks: ['a', 'b'] })).toEqual([]);
  });

  test('undefined stands for an option that was not given', () => {
    expect(faults({ breaker: undefined, endpoints: [{ id: 'a', headers: { team: undefined } }] })).toEqual([]);
  });

  test('zero and false are values', () => {
    expect(
      [faults(0, nonNegativeNumber), faults(0, nonNegativeInteger), faults(0, fraction), faults(false, boolean)].flat(),
    ).toEqual([]);
    expect(faults(1, fraction)).toEqual([]);
  });

  test('what a prototype contributes is checked like any other option', () => {
    expect(faults(Object.create({ openMs: -1 }), breaker)).toEqual([
      'router.openMs must be a positive integer, but is -1',
    ]);
  });
});

describe('what fails', () => {
  test('all faults are collected, each with its path, the rule and the value', () => {
    const bad = {
      breaker: { openMs: -1, failureRate: '0.5' },
      endpoints: [{ baseURL: 'ftp://example.com' }, 7],
      fallbacks: { 'gpt-4.1': ['', null] },
      lastResort: 'sorry',
    };
    expect(faults(bad)).toEqual([
      'router.breaker.openMs must be a positive integer, but is -1',
      'router.breaker.failureRate must be a number from 0 to 1, but is "0.5"',
      'router.endpoints[0].id is required',
      'router.endpoints[0].baseURL must be an http or https URL, but is "ftp://example.com"',
      'router.endpoints[1] must be an object, but is 7',
      'router.fallbacks["gpt-4.1"][0] must be a non-empty string, but is ""',
      'router.fallbacks["gpt-4.1"][1] must be a non-empty string, but is null',
      'router.lastResort must be a function (error) => string, but is "sorry"',
    ]);
  });

  test.each([
    [positiveInteger, [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '5', null, undefined, 5n, true, [5]]],
    [nonNegativeInteger, [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '0', null]],
    [positiveNumber, [0, -0.1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
    [nonNegativeNumber, [-0.1, Number.NaN, Number.NEGATIVE_INFINITY, '0', null]],
    [fraction, [-0.01, 1.01, Number.NaN, '0.5', null]],
    [boolean, [0, 'true', null]],
    [text, ['', '  ', 5, null]],
    [url, ['', 'example.com', '/v1', 'file:///etc', 5, null]],
    [functionOf('() => void'), [{}, null, 'f']],
    [listOf(anything), [{}, 'abc', { length: 1 }, null, new Array(2 ** 32 - 1)]],
    [recordOf(anything), [[], new Map(), new Date(0), Promise.resolve(), () => {}, 'abc', null]],
    [shape({}), [[], new Map(), null, 1, 'abc']],
  ])('check %# refuses its near misses with one line each', (check, values) => {
    for (const value of values) expect(faults(value, check)).toHaveLength(1);
  });

  // "must be an object, but is an object" was said of headers.
  test('an object that is no plain one is told apart from what is none', () => {
    expect(faults(new Map(), recordOf(text))).toEqual(['router must be a plain object, but is an object']);
    expect(faults(null, recordOf(text))).toEqual(['router must be an object, but is null']);
  });

  test('an unknown key names the nearest option', () => {
    expect(faults({ breakr: {}, Breaker: {} })).toEqual([
      'router.breakr is not an option; did you mean router.breaker?',
      'router.Breaker is not an option; did you mean router.breaker?',
    ]);
  });

  test('an unknown key with nothing near lists the options', () => {
    expect(faults({ cooldown: 1 }, breaker)).toEqual([
      'router.cooldown is not an option; the options are openMs, failureRate',
    ]);
    expect(faults({ a: 1 }, shape({}))).toEqual(['router.a is not an option; there are none here']);
  });

  test('names that every object inherits are unknown keys, not options', () => {
    const polluting = JSON.parse('{"__proto__": {"openMs": 1}, "constructor": 1, "toString": 2}');
    expect(faults(polluting, breaker)).toHaveLength(3);
    expect(faults(polluting, recordOf(positiveInteger))).toHaveLength(1);
    expect(Object.prototype).not.toHaveProperty('openMs');
  });

  test('undefined in a record that must be complete', () => {
    const given = { a: 'x', b: undefined };
    expect(faults(given, recordOf(text))).toEqual([]);
    expect(faults(given, recordOf(text, { complete: true }))).toEqual([
      'router.b must be a non-empty string, but is undefined',
    ]);
  });

  test('holes in a list are faults', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested.
    expect(faults(['a', , 'b'], listOf(text))).toEqual(['router[1] must be a non-empty string, but is undefined']);
  });

  test('the length of a list is spoken of only where it is the fault', () => {
    expect(faults('a', listOf(text, 'a list of models'))).toEqual(['router must be a list of models, but is "a"']);
    expect(faults(new Array(4_000_000_000), listOf(text))).toEqual([
      'router must be a list of at most 10000 entries, but is a list',
    ]);
  });

  test('a getter that throws is a fault, not an exception', () => {
    const trap = {
      get openMs() {
        throw new Error('trap');
      },
    };
    expect(faults(trap, breaker)).toEqual(['router.openMs cannot be read: its getter throws']);
  });

  test('a revoked proxy is a fault, not an exception', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const check of [router, listOf(text), recordOf(text), text, oneOf(1)])
      expect(faults(proxy, check)).toHaveLength(1);
  });

  test('an alternative that took the kind of the value reports what is wrong inside', () => {
    expect(faults({ breaker: { openMs: 0 } })).toEqual(['router.breaker.openMs must be a positive integer, but is 0']);
    expect(faults({ breaker: true })).toEqual(['router.breaker must be false or breaker options, but is true']);
  });

  test('the values of a choice are listed', () => {
    expect(faults('stop', oneOf('fail', 'wait', 'panic'))).toEqual([
      'router must be "fail", "wait" or "panic", but is "stop"',
    ]);
  });
});

describe('what is shown', () => {
  test('long strings are cut at 40 characters', () => {
    expect(faults('x'.repeat(41), positiveInteger)).toEqual([
      `router must be a positive integer, but is "${'x'.repeat(40)}…"`,
    ]);
  });

  test.each([
    'router.endpoints[0].apiKey',
    'router.endpoints[0].headers',
    'router.endpoints[0].headers["x-key"]',
    'apiKey[0]',
  ])('nothing at %s is shown', (path) => {
    const [fault] = faultsOf(boolean, 'letmein', path);
    expect(fault).toBe(`${path} must be true or false, but is a string that is not shown`);
    expect(faultsOf(boolean, 12345, path)).toEqual([`${path} must be true or false, but is a number`]);
  });

  test.each(['sk-abcdef', 'Bearer abcdef', 'ftp://user:abcdef@host', 'ftp://host?api-key=abcdef'])(
    'the text %s is not shown wherever it stands',
    (value) => expect(faults(value, positiveInteger)[0]).not.toContain('abcdef'),
  );
});

describe('whatever is given', () => {
  const hostile = fc.anything({
    maxDepth: 4,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
  });
  const options = fc.record(
    { breaker: hostile, endpoints: fc.oneof(hostile, fc.array(hostile)), fallbacks: hostile, lastResort: hostile },
    { requiredKeys: [] },
  );

  test('no check throws, and every fault is exactly one line that starts with its path', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, options), (value) => {
        for (const fault of faults(value)) {
          expect(fault).toMatch(/^router[^\p{Cc}\u2028\u2029]+$/u);
          expect(fault).toMatch(/ must be .+, but is .+| is not an option; .+| is required$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('no key gets into a message', () => {
    const key = fc.string({ minLength: 8 }).map((tail) => `secret${tail}`);
    fc.assert(
      fc.property(key, hostile, (secret, other) => {
        const endpoint = {
          id: other,
          apiKey: [secret],
          headers: { authorization: { nested: secret }, other: secret, x: 5 },
        };
        const text = faults({ endpoints: [endpoint, { apiKey: secret, headers: secret }] }).join('\n');
        expect(text).not.toContain('secret');
      }),
    );
  });

  test('each planted fault gives exactly one line', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const check = shape(Object.fromEntries(keys.map((key) => [key, positiveInteger])));
    fc.assert(
      fc.property(fc.subarray(keys), fc.subarray(['v1', 'w2', 'x\n3', '__proto__']), (wrong, unknown) => {
        const value: Record<string, unknown> = {};
        for (const key of keys) value[key] = wrong.includes(key) ? 0 : 1;
        for (const key of unknown) Object.defineProperty(value, key, { value: 1, enumerable: true });
        expect(faults(value, check)).toHaveLength(wrong.length + unknown.length);
      }),
    );
  });
});
