import { describe, expect, test } from 'vitest';
import { World } from './world.js';

/** Three failures of work that may have been done, and then an answer. */
const failing = { endpoints: 'a b c d', script: 'a:500 b:500 c:500 d:200' } as const;

describe('what the retry budget is charged for', () => {
  test.each([
    ['every failover but the first', { failureStreak: 9 }, 18],
    ['nothing for leaving a target whose breaker is open by then', { failureStreak: 1 }, 20],
  ])('%s', async (_what, breaker, tokens) => {
    const world = new World({ ...failing, breaker, retries: { budget: { capacity: 20, perRequest: 0 } } });
    expect(await world.trail()).toBe('a:server_error b:server_error c:server_error d:ok');
    expect(world.engine.budget.tokens).toBe(tokens);
  });

  test('with none left a call goes on as far as its first failover, and past whom an open breaker keeps away', async () => {
    const retries = { budget: { capacity: 0.5, perRequest: 0 } };
    const closed = new World({ ...failing, breaker: { failureStreak: 9 }, retries });
    const { route } = await closed.run();
    expect([route.attempts.length, route.retryBudgetExhausted]).toEqual([2, true]);
    const open = new World({ ...failing, breaker: { failureStreak: 1 }, retries });
    expect((await open.run()).route).toMatchObject({ target: 'd/m', retryBudgetExhausted: false });
  });
});

// It was told twice, and the call ended although another model, which costs nothing, only needed a second.
test('a call without budget says so once, and goes on to another model even if that has to be waited for', async () => {
  const world = new World({
    endpoints: 'a=m b=m c=m d=n',
    whenExhausted: 'panic',
    retries: { budget: { capacity: 1, perRequest: 0 } },
    script: 'a:500 b:500 c:500 d:429;after=1000 d:200',
  });
  await world.run({ model: 'n', maxRetries: 0 });
  world.engine.budget.withdraw();
  expect(await world.trail({ fallbacks: ['n'] })).toBe('a:server_error b:server_error d/n:ok');
  expect(world.of('budget.exhausted')).toHaveLength(1);
});
