import { expect, test } from 'vitest';
import { retry } from '../../../packages/core/src/retries/retry.js';

const upTo = (limit: number, again: (result: number) => Promise<boolean> = async () => true) => {
  let count = 1;
  return retry(1, { round: async () => ++count, satisfied: (result) => result >= limit, again });
};

test('work is repeated until it satisfies', async () => {
  expect(await upTo(1)).toBe(1);
  expect(await upTo(50)).toBe(50);
});

test('the last result is the answer when there is no going on', async () => {
  const asked: number[] = [];
  const answer = await upTo(9, async (result) => {
    asked.push(result);
    return result < 3;
  });
  expect([answer, asked]).toEqual([3, [1, 2, 3]]);
});

test('undefined is a result like any other', async () => {
  const answer = await retry(undefined, {
    round: async () => undefined,
    satisfied: () => false,
    again: async () => false,
  });
  expect(answer).toBeUndefined();
});

test.each([new TypeError('a bug'), new Error('a bug')])('what throws is not repeated: %s', async (error) => {
  let rounds = 0;
  const work = retry('a failure', {
    round: async () => {
      rounds += 1;
      throw error;
    },
    satisfied: () => false,
    again: async () => true,
  });
  await expect(work).rejects.toBe(error);
  expect(rounds).toBe(1);
});
