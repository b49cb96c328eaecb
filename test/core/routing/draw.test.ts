import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Draw, drawBelow } from '../../../packages/core/src/routing/draw.js';
import { known, noDice } from './town.js';

const candidates = ['a', 'b', 'c', 'd'].map((id) => known(id));

function drawing(numbers: readonly number[]): Draw {
  const draw = new Draw();
  draw.begin(numbers.length);
  numbers.forEach((number, index) => void draw.put(index, number));
  return draw;
}

test('dice at either end stay in range', () => {
  expect([drawBelow(3, () => 0), drawBelow(3, () => 0.999), drawBelow(3, () => 1)]).toEqual([0, 2, 2]);
});

test('a single lowest is found without dice', () => {
  expect(drawing([5, 3, 4, 9]).lowest(candidates, 1.03, noDice).id).toBe('b');
});

test('each of those within the band has its equal part of the dice, and nobody else', () => {
  const draw = drawing([100, 104, 103, 100]);
  const drawn = [0, 0.32, 0.34, 0.65, 0.67, 1].map((dice) => draw.lowest(candidates, 1.03, () => dice).id);
  expect(drawn).toEqual(['d', 'd', 'c', 'c', 'a', 'a']);
});

test('whatever the costs and the dice say, somebody within the band is drawn', () => {
  const cost = fc.oneof(fc.constantFrom(0, 1, 1.02, Number.POSITIVE_INFINITY), fc.double({ min: 0, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(cost, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (costs, dice) => {
        const many = costs.map((cost, index) => known(`${index}`, { expectedMs: cost }));
        const { expectedMs } = drawing(costs).lowest(many, 1.03, () => dice).known;
        expect(expectedMs).toBeLessThanOrEqual(Math.min(...costs) * 1.03);
      },
    ),
  );
});

test('shares are parts of the dice; a share of 0 is never drawn', () => {
  const draw = drawing([1, 0, 3, 0]);
  const drawn = [0, 0.24, 0.26, 0.99, 1].map((dice) => draw.byShare(candidates, () => dice).id);
  expect(drawn).toEqual(['a', 'a', 'c', 'c', 'c']);
});

test.each([[[0, 0, 0, 0]], [[1, Number.POSITIVE_INFINITY, 0, 0]]])(
  'shares %j that cannot be divided are even',
  (shares) => {
    expect([0, 0.3, 0.6, 0.9].map((dice) => drawing(shares).byShare(candidates, () => dice).id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  },
);
