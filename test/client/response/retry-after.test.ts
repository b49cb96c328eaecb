import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterOf } from '../../../packages/client/src/response/retry-after.js';

const WALL = Date.parse('2026-01-01T00:00:00Z');

const read = (headers: Record<string, string>, message = '') =>
  retryAfterOf({ headers: new Headers(headers), message, wall: WALL, isRateLimit: true });

describe('how long a provider asks to be left alone is read from', () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ['milliseconds', { 'retry-after-ms': '1500' }, 1_500],
    ['milliseconds before seconds', { 'retry-after-ms': '10.5', 'retry-after': '20' }, 10.5],
    ['seconds when the milliseconds are nonsense', { 'retry-after-ms': 'soon', 'retry-after': '20' }, 20_000],
    ['whole seconds', { 'retry-after': '20' }, 20_000],
    ['parts of seconds', { 'retry-after': '0.25' }, 250],
    ['no wait at all', { 'retry-after': '0' }, 0],
    // The official client reads the number at the beginning; taken for nothing the target was asked earlier than it had asked for.
    ['seconds with their unit', { 'retry-after': '5s' }, 5_000],
    ['seconds with their unit written out', { 'retry-after': '5 seconds' }, 5_000],
    ['a duration in several units', { 'retry-after': '1m30s' }, 90_000],
    ['milliseconds with their unit', { 'retry-after-ms': '1500ms' }, 1_500],
    ['no negative number with a unit', { 'retry-after': '-5s' }, undefined],
    ['no unit that is unknown', { 'retry-after': '5 moons' }, undefined],
    [
      'a date against the server clock',
      { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT', date: 'Thu, 01 Jan 1970 00:00:30 GMT' },
      30_000,
    ],
    ['a date against the wall clock', { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5_000],
    [
      'a date against the wall clock when the server clock is nonsense',
      { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT', date: 'now' },
      5_000,
    ],
    ['no date that has passed', { 'retry-after': 'Thu, 01 Jan 2025 00:00:00 GMT' }, undefined],
    // Taken for seconds it was a rest of 56 years.
    ['an instant in seconds since the epoch', { 'retry-after': String(WALL / 1_000 + 30) }, 30_000],
    ['no instant that has passed', { 'retry-after': String(WALL / 1_000 - 30) }, undefined],
    // Two proxies, or one that adds what is there already.
    ['the first of several', { 'retry-after': '20, 20' }, 20_000],
    ['no negative number', { 'retry-after': '-5' }, undefined],
    ['no nonsense', { 'retry-after': 'later' }, undefined],
    ['no endless number', { 'retry-after': '9'.repeat(400) }, undefined],
    [
      'the requests that are used up',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' },
      360_000,
    ],
    // The requests were back after a second, and the tokens after fifty: it was asked after a second, in vain.
    [
      'whatever of it takes longer, where both are used up',
      {
        ...{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1s' },
        ...{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '50s' },
      },
      50_000,
    ],
    [
      'Anthropic’s names for it',
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:30Z',
      },
      30_000,
    ],
    ['the tokens that are used up', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '20ms' }, 20],
    [
      'hours, minutes and seconds',
      { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '0h2m3.5s' },
      123_500,
    ],
    ['a reset in bare seconds', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '7' }, 7_000],
    [
      'a reset that is an instant in seconds since the epoch',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': String(WALL / 1_000 + 30) },
      30_000,
    ],
    [
      'a reset that is an instant in milliseconds since the epoch, by the clock of the server',
      {
        date: new Date(WALL + 10_000).toUTCString(),
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': String(WALL + 30_000),
      },
      20_000,
    ],
    [
      'no reset that has passed',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': String(WALL / 1_000 - 30) },
      undefined,
    ],
    // When the whole allowance is back says little of when the next request fits: nobody asked for these hours.
    [
      'ten minutes of a reset at the most',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '23h52m48s' },
      600_000,
    ],
    ['all of what was asked for', { 'retry-after': '7200' }, 7_200_000],
    [
      'no dimension that is not used up',
      { 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '6m0s' },
      undefined,
    ],
    ['nothing', {}, undefined],
  ])('%s', (_what, headers, expected) => {
    expect(read(headers)).toBe(expected);
  });

  test.each([
    ['Rate limit reached. Please try again in 1.2s. Thanks', 1_200],
    ['Please try again in 1.2s', 1_200],
    ['please TRY AGAIN IN 6m30s, or later', 390_000],
    ['try again in 250ms.', 250],
    ['try again in 2 milliseconds', 2],
    ['Try again in 20 seconds.', 20_000],
    ['try again in 1 hour 2 minutes', 3_720_000],
    ['try again in 5 mins', 300_000],
    // Google's and Azure's words for it.
    ['You exceeded your current quota, please check your plan.\n* Quota exceeded.\nPlease retry in 38.4s.', 38_400],
    ['You have exceeded the call rate limit. Please retry after 26 seconds.', 26_000],
    ['try again in 2 months', undefined],
    ['try again in a while', undefined],
  ])('the message "%s"', (message, expected) => {
    expect(read({}, message)).toBe(expected);
  });
});

test('a field of the error is believed where neither a header nor the message says anything', () => {
  const ask = (headers: Record<string, string>, message: string, retryDelay: string) =>
    retryAfterOf({ headers: new Headers(headers), message, retryDelay, wall: WALL, isRateLimit: true });
  const used = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '3m' };
  expect(ask(used, 'no', '38s')).toBe(38_000);
  expect(ask(used, 'Please retry in 38.4s.', '38s')).toBe(38_400);
  expect(ask({ 'retry-after': '20' }, 'Please retry in 38.4s.', '38s')).toBe(20_000);
  expect(ask({}, 'no', 'a while')).toBeUndefined();
});

test('the message is believed before the reset of the whole allowance', () => {
  const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '3m' };
  expect(read(headers, 'Please try again in 7m12s.')).toBe(432_000);
  expect(read({ ...headers, 'retry-after': '20' }, 'Please try again in 7m12s.')).toBe(20_000);
});

describe('whatever stands there, the answer is undefined or a length of time', () => {
  const names = [
    'retry-after-ms',
    'retry-after',
    'date',
    'x-ratelimit-remaining-requests',
    'x-ratelimit-reset-requests',
    'x-ratelimit-remaining-tokens',
    'x-ratelimit-reset-tokens',
  ] as const;
  /** Characters a header may hold, with those that numbers, dates and durations are made of more often than others. */
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789.-+eEmshTZ: ,JanGMT') }),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );

  test('for arbitrary headers and messages', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.string(), (headers, tail) => {
        const ms = read(headers, `try again in ${tail}`);
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('for whole seconds it is a thousand times as many milliseconds', () => {
    fc.assert(
      fc.property(fc.nat(1e9), (seconds) => {
        expect(read({ 'retry-after': String(seconds) })).toBe(seconds * 1_000);
      }),
    );
  });

  test('and the time it takes to find grows with the text, not with its square', () => {
    // Square, they take a quarter of a minute; as it is a few milliseconds, and a busy machine has room for more.
    const ones = '1'.repeat(40_000);
    const began = performance.now();
    read({ 'retry-after-ms': `${ones}x`, 'retry-after': `${ones}x` }, `try again in ${'1.'.repeat(20_000)}s`);
    read({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': `${ones}x` }, `try again in ${ones}`);
    read({}, `try again in ${'1s'.repeat(20_000)}`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

// A gateway that fails tells, as always, that the allowance of this minute is used up; the client waited for a minute that nobody asked for.
test('the reset of what is used up counts only where the rate is why it was refused', () => {
  const headers = new Headers({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' });
  const ask = (isRateLimit: boolean) => retryAfterOf({ headers, message: '', wall: WALL, isRateLimit });
  expect([ask(true), ask(false)]).toEqual([60_000, undefined]);
});
