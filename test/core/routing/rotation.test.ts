import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rotation } from '../../../packages/core/src/routing/rotation.js';
import { type Known, known, tally } from './town.js';

/** Weights of up to eight targets. */
const weights = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 8 });
/** Who is left out of a pick: a bit for each. */
const absences = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 200, size: 'max' });

/** The targets that a mask leaves; undefined when they are too few to choose from. */
function left(all: readonly Known[], absent: number): Known[] | undefined {
  const some = all.filter((_, index) => (absent & (1 << index)) === 0);
  return some.length > 1 ? some : undefined;
}

test('in as many picks in a row as the weights come to, each is picked as often as its weight, whoever came and went before', () => {
  fc.assert(
    fc.property(weights, absences, fc.integer({ min: 0, max: 255 }), (given, before, absent) => {
      const all = given.map((weight, index) => known(`${index}`, { weight }));
      const rotation = new Rotation();
      for (const mask of before) {
        const some = left(all, mask);
        if (some) rotation.next(some, true);
      }
      const present = left(all, absent) ?? all;
      const total = present.reduce((sum, { weight }) => sum + weight, 0);
      const names = Array.from({ length: 3 * total }, () => rotation.next(present, true).id);
      const wanted = Object.fromEntries(present.map(({ id, weight }) => [id, weight]));
      for (let start = 0; start <= 2 * total; start += 1) {
        expect(tally(names.slice(start, start + total))).toEqual(wanted);
      }
    }),
    { numRuns: 300 },
  );
});

test('the same holds with every weight taken for one', () => {
  fc.assert(
    fc.property(weights, absences, (given, before) => {
      const all = given.map((weight, index) => known(`${index}`, { weight }));
      const rotation = new Rotation();
      for (const mask of before) rotation.next(left(all, mask) ?? all, false);
      const names = Array.from({ length: 3 * all.length }, () => rotation.next(all, false).id);
      for (let start = 0; start <= 2 * all.length; start += 1) {
        expect(new Set(names.slice(start, start + all.length)).size).toBe(all.length);
      }
    }),
    { numRuns: 300 },
  );
});

// Three took turns, the third was away for one pick: it then came after a second turn of the first.
test('who was away for one pick is not passed over when it comes back', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => known(id)) as [Known, Known, Known];
  const rotation = new Rotation();
  const names = [
    [a, b, c],
    [a, b, c],
    [a, b],
    [a, b, c],
    [a, b, c],
    [a, b, c],
  ].map((all) => rotation.next(all, true).id);
  expect(names.slice(0, 3)).toEqual(['a', 'b', 'a']);
  expect(names.slice(3).sort()).toEqual(['a', 'b', 'c']);
});

test('who was away for a thousand calls comes back to its own share, not to a thousand calls', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => known(id)) as [Known, Known, Known];
  const rotation = new Rotation();
  for (let i = 0; i < 1_000; i += 1) rotation.next([a, b], true);
  expect(tally(Array.from({ length: 9 }, () => rotation.next([a, b, c], true).id))).toEqual({ a: 3, b: 3, c: 3 });
});

test('when somebody else is missing each time nobody is favoured', () => {
  const all = Array.from({ length: 50 }, (_, index) => known(`${index}`));
  const rotation = new Rotation();
  const names = Array.from(
    { length: 5_000 },
    (_, turn) =>
      rotation.next(
        all.filter((_candidate, index) => (index * 7 + turn * 13) % 50 > 4),
        true,
      ).id,
  );
  const counts = Object.values(tally(names));
  expect(counts).toHaveLength(50);
  expect(Math.max(...counts)).toBeLessThan(1.3 * Math.min(...counts));
});

test('targets of made-up models push out the oldest memories and nothing else', () => {
  const rotation = new Rotation();
  const pair = (model: number) => ['a', 'b'].map((endpoint) => known(`${endpoint}/${model}`));
  for (let model = 0; model < 12_000; model += 1) rotation.next(pair(model), false);
  const [a, b] = pair(11_999) as [Known, Known];
  expect([rotation.next([a, b], false).id, rotation.next([a, b], false).id]).toEqual([b.id, a.id]);
});
