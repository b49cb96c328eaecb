import * as breakwater from 'breakwater';
import * as official from 'openai';
import { describe, expect, test } from 'vitest';

type Route = NonNullable<ReturnType<typeof breakwater.routeOf>>;
const route = { target: 'a/b', attempts: [] } as unknown as Route;

const ERRORS = [
  [
    'OptionsError',
    'BREAKWATER_OPTIONS',
    new breakwater.OptionsError(['router.a must be b']),
    [official.OpenAIError],
    breakwater.isOptionsError,
  ],
  [
    'NoTargetError',
    'BREAKWATER_NO_TARGET',
    new breakwater.NoTargetError('m', { route, skipped: [], retryAfterMs: 5 }),
    [official.APIConnectionError, official.APIError, official.OpenAIError],
    breakwater.isNoTargetError,
  ],
  [
    'AttemptTimeoutError',
    'BREAKWATER_ATTEMPT_TIMEOUT',
    new breakwater.AttemptTimeoutError('m', { route }),
    [official.APIConnectionTimeoutError, official.APIConnectionError],
    breakwater.isAttemptTimeoutError,
  ],
  [
    'LimitExceededError',
    'BREAKWATER_LIMIT_EXCEEDED',
    new breakwater.LimitExceededError('m', { retryAfterMs: 5, skipped: [] }),
    [official.RateLimitError, official.APIError],
    breakwater.isLimitExceededError,
  ],
  [
    'StreamInterruptedError',
    'BREAKWATER_STREAM_INTERRUPTED',
    new breakwater.StreamInterruptedError({ target: 'a/b', reason: 'r', partial: { text: 'secret', events: [] } }),
    [official.APIConnectionError, official.APIError],
    breakwater.isStreamInterruptedError,
  ],
] as const;

describe('each error of ours', () => {
  test.each(ERRORS)(
    '%s has its name and code, extends the official one, and has a guard',
    (name, code, error, parents, guard) => {
      expect([error.name, error.code]).toEqual([name, code]);
      expect(error).toBeInstanceOf(Error);
      for (const parent of parents) expect(error).toBeInstanceOf(parent);
      expect(guard(error)).toBe(true);
      for (const [, , other] of ERRORS) expect(guard(other)).toBe(other === error);
      for (const none of [undefined, null, 'text', {}, new Error('x'), { code }]) expect(guard(none)).toBe(false);
    },
  );

  test('is known by its guard though it comes from another copy of the package', () => {
    const stranger = Object.assign(new Error('x'), { [Symbol.for('breakwater.error')]: 'BREAKWATER_NO_TARGET' });
    expect(breakwater.isNoTargetError(stranger)).toBe(true);
    expect(stranger).not.toBeInstanceOf(breakwater.NoTargetError);
  });
});

test('wrong options are listed line by line', () => {
  expect(new breakwater.OptionsError(['a']).message).toBe('An option cannot be used:\n  a');
  expect(new breakwater.OptionsError(['a', 'b']).message).toBe('2 options cannot be used:\n  a\n  b');
});

test('a limit of our own is a 429 with the time until it fits', () => {
  const error = new breakwater.LimitExceededError('too much', { retryAfterMs: 1_500, skipped: [] });
  expect(error).toMatchObject({ status: 429, retryAfterMs: 1_500, skipped: [] });
});

test('a broken stream names its target, says where the rest is, and tells none of it by itself', () => {
  const cause = new Error('below');
  const partial = { text: 'what was said', events: [{ a: 1 }] };
  const error = new breakwater.StreamInterruptedError({ target: 'a/b', reason: 'cut', partial, cause });
  expect(error.message).toBe(
    'a/b: the stream ended before the answer did (cut). What had arrived is in error.partial.',
  );
  expect(error.partial).toBe(partial);
  expect(error.cause).toBe(cause);
  expect(JSON.stringify(error)).not.toContain('what was said');
});
