import { expect, test } from 'vitest';
import { homeOf } from '../../../packages/core/src/routing/sticky.js';
import { type Known, known, noDice, occasion, tally } from './town.js';

const KEYS = Array.from({ length: 20_000 }, (_, index) => `conversation-${index}`);
const NAMES = ['seoul', 'tokyo', 'singapore', 'frankfurt', 'virginia'];
const at = occasion(noDice);

const homes = (candidates: readonly Known[]) => KEYS.map((key) => homeOf(key, candidates, at)?.id ?? 'nowhere');

const five = NAMES.map((name) => known(`${name}/gpt-4.1`));

test('a key has one home, whatever the order of candidates', () => {
  const reversed = [...five].reverse();
  for (const key of KEYS.slice(0, 500)) expect(homeOf(key, reversed, at)).toBe(homeOf(key, five, at));
});

test('keys are spread evenly, and by weight where there are weights', () => {
  const counts = Object.values(tally(homes(five)));
  expect(Math.min(...counts)).toBeGreaterThan(3_800);
  expect(Math.max(...counts)).toBeLessThan(4_200);
  const weighted = tally(homes([known('a', { weight: 1 }), known('b', { weight: 3 })]));
  expect(weighted.b).toBeGreaterThan(14_700);
  expect(weighted.b).toBeLessThan(15_300);
});

test('when a target goes only its own keys move, and they go to all others alike', () => {
  const before = homes(five);
  const after = homes(five.slice(1));
  const gone = five[0]?.id;
  const moved = before.flatMap((home, index) => (home === gone ? [after[index] ?? ''] : []));
  before.forEach((home, index) => {
    if (home !== gone) expect(after[index]).toBe(home);
  });
  const counts = Object.values(tally(moved));
  expect(counts).toHaveLength(4);
  expect(Math.max(...counts)).toBeLessThan(1.2 * Math.min(...counts));
});

test('when a target comes it takes its share, and nothing moves between the others', () => {
  const before = homes(five);
  const after = homes([...five, known('osaka/gpt-4.1')]);
  const moved = after.filter((home, index) => home !== before[index]);
  expect(new Set(moved)).toEqual(new Set(['osaka/gpt-4.1']));
  expect(moved.length / KEYS.length).toBeCloseTo(1 / 6, 1.5);
});

test('a home that is more than twice as dear as the best is left for the next rank, and come back to', () => {
  const [key = ''] = KEYS;
  const home = homeOf(key, five, at) as Known;
  home.known.expectedMs = 1_600;
  expect(homeOf(key, five, at)).toBe(home);
  home.known.expectedMs = 1_601;
  const next = homeOf(key, five, at);
  expect(next).not.toBe(home);
  expect(next).toBe(
    homeOf(
      key,
      five.filter((candidate) => candidate !== home),
      at,
    ),
  );
  home.known.expectedMs = 800;
  expect(homeOf(key, five, at)).toBe(home);
});

test('one hot key fills its home to a quarter above its share and one, then goes on', () => {
  const busy = NAMES.map((name) => known(name));
  for (let call = 0; call < 100; call += 1) (homeOf('one hot key', busy, at) as Known).known.inFlight += 1;
  const inFlight = busy.map((candidate) => candidate.known.inFlight).sort((a, b) => b - a);
  expect(inFlight[0]).toBeLessThanOrEqual(27);
  expect(inFlight[0]).toBeGreaterThan(24);
});

test('a heavy target may hold as many more calls as it is heavier', () => {
  const heavy = known('heavy', { weight: 9, inFlight: 90 });
  const light = known('light', { weight: 1, inFlight: 10 });
  const homesNow = tally(KEYS.map((key) => homeOf(key, [heavy, light], at)?.id ?? ''));
  expect(Object.keys(homesNow).sort()).toEqual(['heavy', 'light']);
});

test('where the best is full and the others are dear nobody is the home', () => {
  const full = known('full', { inFlight: 10 });
  expect(homeOf('a', [full, known('dear', { expectedMs: 5_000 })], at)).toBeUndefined();
});
