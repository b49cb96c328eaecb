import { expect, test } from 'vitest';
import { ModelHabits } from '../../../packages/core/src/limits/habits.js';
import { Limiter } from '../../../packages/core/src/limits/limiter.js';
import { TargetLimits } from '../../../packages/core/src/limits/target-limits.js';

// A caller who makes up keys made the target forget the limits of the first ones, which were those in use: they were full anew.
test('limits of a key that is in use are kept, however many other keys there are', () => {
  const limits = new TargetLimits({
    fixed: [],
    perKey: (credential) => new Limiter(credential, { requestsPerMinute: 1 }),
    learn: undefined,
    habits: new ModelHabits(),
  });
  limits.reserve('mine', { tokens: 0 }, 0);
  for (let other = 0; other < 500; other += 1) {
    expect(limits.fullness(`made up ${other}`, 0)).toBe(1);
    expect(limits.fullness('mine', 0)).toBe(0);
  }
});
