import { expect, test } from 'vitest';
import { faultsOf } from '../../../packages/core/src/base/check.js';
import { endpointLimitOptions, limitOptions } from '../../../packages/core/src/limits/options.js';

const faults = (value: object) => faultsOf(limitOptions(), value, 'limits');

// `burst` says how much of a rate may leave at once. Alone it was taken, and nothing was limited.
test('a burst without its rate, or above it, is told by name', () => {
  expect(faults({ burst: { requestsPerMinute: 5 } })).toEqual([
    'limits.burst.requestsPerMinute needs a limits.requestsPerMinute',
  ]);
  expect(faults({ requestsPerMinute: 60, burst: { requestsPerMinute: 600, tokensPerDay: 1 } })).toEqual([
    'limits.burst.requestsPerMinute must not be larger than its limits.requestsPerMinute',
    'limits.burst.tokensPerDay needs a limits.tokensPerDay',
  ]);
  const wrong = { burst: { tokensPerMinute: 5 } };
  const endpoint = { models: { m: wrong }, perKey: { ...wrong, requestsPerMinute: 1 } };
  expect(faultsOf(endpointLimitOptions, endpoint, 'limits')).toEqual([
    'limits.models.m.burst.tokensPerMinute needs a limits.models.m.tokensPerMinute',
    'limits.perKey.burst.tokensPerMinute needs a limits.perKey.tokensPerMinute',
  ]);
});

test('a burst within its rate is none of these, and other faults are told as they are', () => {
  expect(faults({ requestsPerMinute: 60, burst: { requestsPerMinute: 60 } })).toEqual([]);
  expect(faults({ burst: undefined, requestsPerMinute: 60 })).toEqual([]);
  expect(faults({ burst: { requestsPerMinute: 0 } })).toHaveLength(1);
  expect(faultsOf(limitOptions(), 60, 'limits')).toHaveLength(1);
});
