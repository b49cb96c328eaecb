import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsIn } from '../../../packages/client/src/response/rate-headers.js';

const WALL = Date.parse('2026-01-01T00:00:00Z');

const read = (headers: Record<string, string>) => limitsIn(new Headers(headers), WALL);

/** The three headers of one limit in OpenAI's form; those without a value are left out. */
function three(what: string, limit?: string, remaining?: string, reset?: string): Record<string, string> {
  const all = { limit, remaining, reset };
  const told = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [`x-ratelimit-${name}-${what}`, value]));
}

function anthropic(what: string, limit: string, remaining: string, reset: string): Record<string, string> {
  const name = `anthropic-ratelimit-${what}`;
  return { [`${name}-limit`]: limit, [`${name}-remaining`]: remaining, [`${name}-reset`]: reset };
}

describe('the limits are read from the headers of', () => {
  test('OpenAI', () => {
    const headers = { ...three('requests', '5000', '4999', '12ms'), ...three('tokens', '160000', '159976', '6m0s') };
    expect(read(headers)).toEqual({
      requests: { limit: 5_000, remaining: 4_999, resetMs: 12 },
      tokens: { limit: 160_000, remaining: 159_976, resetMs: 360_000 },
    });
  });

  test('Azure, which tells only what remains in some versions', () => {
    expect(read({ ...three('requests', undefined, '79'), ...three('tokens', undefined, '61353') })).toEqual({
      requests: { remaining: 79 },
      tokens: { remaining: 61_353 },
    });
    expect(read(three('tokens', '50000', '0', '7'))).toEqual({
      tokens: { limit: 50_000, remaining: 0, resetMs: 7_000 },
    });
  });

  test('Groq, whose requests are those of a day', () => {
    const tokens = three('tokens', '18000', '17997', '7.66s');
    const expected = {
      requestsPerDay: { limit: 14_400, remaining: 14_399, resetMs: 6_000 },
      tokens: { limit: 18_000, remaining: 17_997, resetMs: 7_660 },
    };
    expect(read({ ...three('requests', '14400', '14399', '6s'), ...tokens, 'x-groq-region': 'fra' })).toEqual(expected);
    // Behind a gateway that drops the region it shows as soon as they are not back in a minute.
    expect(read({ ...three('requests', '14400', '14370', '2m59.56s'), ...tokens })).toMatchObject({
      requestsPerDay: { limit: 14_400, remaining: 14_370, resetMs: 179_560 },
    });
  });

  // The free tier: 200 a day, one every 432 s.
  test('OpenAI, where the requests are those of a day', () => {
    expect(read(three('requests', '200', '199', '7m12s'))).toEqual({
      requestsPerDay: { limit: 200, remaining: 199, resetMs: 432_000 },
    });
  });

  test('Anthropic, by the clock of the server', () => {
    const headers = {
      date: 'Thu, 21 Aug 2025 12:40:50 GMT',
      ...anthropic('requests', '1000', '999', '2025-08-21T12:40:59Z'),
      ...anthropic('tokens', '96000', '95000', '2025-08-21T12:40:49Z'),
      ...anthropic('input-tokens', '80000', '79000', '2025-08-21T12:40:51Z'),
      ...anthropic('output-tokens', '16000', '16000', '2025-08-21T12:40:50Z'),
    };
    expect(read(headers)).toEqual({
      requests: { limit: 1_000, remaining: 999, resetMs: 9_000 },
      tokens: { limit: 96_000, remaining: 95_000, resetMs: 0 },
    });
  });

  test('Anthropic, where tokens of one kind are used up or are all that is told', () => {
    const date = { date: 'Thu, 21 Aug 2025 12:40:50 GMT' };
    const requests = anthropic('requests', '1000', '999', '2025-08-21T12:40:59Z');
    const input = anthropic('input-tokens', '80000', '79000', '2025-08-21T12:40:51Z');
    const output = anthropic('output-tokens', '16000', '0', '2025-08-21T12:41:20Z');
    const all = anthropic('tokens', '96000', '79000', '2025-08-21T12:40:51Z');
    expect(read({ ...date, ...requests, ...all, ...input, ...output })?.tokens).toEqual({
      limit: 96_000,
      remaining: 0,
      resetMs: 30_000,
    });
    const rest = anthropic('output-tokens', '16000', '12000', '2025-08-21T12:41:00Z');
    expect(read({ ...date, ...requests, ...input, ...rest })?.tokens).toEqual({ limit: 96_000, remaining: 91_000 });
  });

  test('Cerebras', () => {
    const headers = {
      ...three('requests-day', '14400', '14399', '33011.382867'),
      ...three('tokens-minute', '60000', '59000', '11.382867'),
    };
    expect(read(headers)).toEqual({
      requestsPerDay: { limit: 14_400, remaining: 14_399, resetMs: 33_011_382.867 },
      tokens: { limit: 60_000, remaining: 59_000, resetMs: expect.closeTo(11_383, 0) },
    });
  });

  test('Mistral', () => {
    expect(read({ ...three('req-minute', '60', '59'), ...three('tokens-minute', '500000', '499000') })).toEqual({
      requests: { limit: 60, remaining: 59 },
      tokens: { limit: 500_000, remaining: 499_000 },
    });
  });

  test('SambaNova, which tells of a minute and of a day', () => {
    expect(read({ ...three('requests', '60', '42', '30'), ...three('requests-day', '1000', '900', '86400') })).toEqual({
      requests: { limit: 60, remaining: 42, resetMs: 30_000 },
      requestsPerDay: { limit: 1_000, remaining: 900, resetMs: 86_400_000 },
    });
  });

  test('DigitalOcean, with instants', () => {
    const headers = {
      ...three('requests', '120', '119', String(WALL / 1_000 + 5)),
      ...three('tokens-per-minute', '1000', '900', String(WALL / 1_000 + 6)),
      ...three('tokens-per-day', '50000', '49000', String(WALL / 1_000 + 3_600)),
    };
    expect(read(headers)).toEqual({
      requests: { limit: 120, remaining: 119, resetMs: 5_000 },
      tokens: { limit: 1_000, remaining: 900, resetMs: 6_000 },
      tokensPerDay: { limit: 50_000, remaining: 49_000, resetMs: 3_600_000 },
    });
  });

  test('OpenRouter and gateways, which tell neither of what nor for how long: only that nothing remains', () => {
    const bare = (remaining: string, ms: number) => ({
      'x-ratelimit-limit': '50',
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': String(WALL + ms),
    });
    expect(read(bare('0', 20_000))).toEqual({ requests: { remaining: 0, resetMs: 20_000 } });
    expect(read(bare('0', 7_200_000))).toEqual({ requestsPerDay: { remaining: 0, resetMs: 7_200_000 } });
    expect(read(bare('7', 20_000))).toBeUndefined();
  });
});

describe('nothing is known', () => {
  test.each<[string, Record<string, string>]>([
    ['without such headers', { 'content-type': 'application/json', date: 'Thu, 21 Aug 2025 12:40:50 GMT' }],
    // Azure's Responses API: taken at its word nothing was left, and nothing was sent any more.
    ['of what Azure tells where it does not know', three('tokens', '-1', '-1', '0')],
    ['of a limit of zero', three('requests', '0', '0', '0')],
    ['where nothing remains of what nobody knows, until nobody knows', three('tokens', undefined, '0')],
    ['where nothing remains, until now', three('tokens', undefined, '0', '0')],
    ['of nonsense', { ...three('requests', 'many', 'some', 'soon'), ...three('tokens', 'NaN', 'Infinity', '1e9') }],
    ['of two values in one', three('tokens', '100, 200', '50, 60', '1s, 2s')],
  ])('%s', (_what, headers) => {
    expect(read(headers)).toBeUndefined();
  });
});

test('a reset that lies further away than any allowance lasts is nonsense', () => {
  expect(read(three('requests', '60', '59', '40000h'))).toEqual({ requests: { limit: 60, remaining: 59 } });
  expect(read(three('requests', '60', '59', '9'.repeat(400)))).toEqual({ requests: { limit: 60, remaining: 59 } });
});

test('whatever stands in the headers, no number is negative, endless or none', () => {
  const names = ['requests', 'tokens', 'requests-day', 'tokens-minute', 'tokens-per-minute', 'req-minute'].flatMap(
    (what) => Object.keys(three(what, '', '', '')),
  );
  const others = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) =>
    Object.keys(anthropic(what, '', '', '')),
  );
  const bare = ['x-ratelimit-remaining', 'x-ratelimit-reset', 'x-groq-region', 'date'];
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789.-+eEmshTZ: ,JanGMT') }),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
    fc.nat().map(String),
    fc.constantFrom('0', '-1', '1', '9'.repeat(400)),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names, ...others, ...bare), value), (headers) => {
      const numbers: unknown[] = Object.values(read(headers) ?? {}).flatMap((limit) => Object.values(limit ?? {}));
      for (const number of numbers) expect(Number.isFinite(number) && Number(number) >= 0).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
