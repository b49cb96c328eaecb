import { expect, test } from 'vitest';
import { Lanes } from '../../../packages/dashboard/src/state/lanes.js';

const moved = (to: string, at: number, more: object = {}) =>
  ({ scope: 'target', target: 'seoul/m', endpoint: 'seoul', to, at, ...more }) as never;

test('an open breaker is open for its wait, then to be tried, until it closes', () => {
  const lanes = new Lanes();
  lanes.moved(moved('open', 1_000, { openForMs: 5_000 }));
  expect(lanes.read(2_000)).toEqual({
    'seoul/m': [
      { what: 'open', from: 1_000, to: 6_000 },
      { what: 'probing', from: 6_000 },
    ],
  });
  lanes.moved(moved('half-open', 8_000));
  lanes.moved(moved('closed', 9_000));
  expect(lanes.read(10_000)['seoul/m']).toEqual([
    { what: 'open', from: 1_000, to: 6_000 },
    { what: 'probing', from: 6_000, to: 8_000 },
    { what: 'probing', from: 8_000, to: 9_000 },
  ]);
});

test('who closes it by hand before its wait is over ends it there', () => {
  const lanes = new Lanes();
  lanes.moved(moved('open', 1_000, { openForMs: 5_000 }));
  lanes.moved(moved('closed', 2_000));
  expect(lanes.read(3_000)['seoul/m']).toEqual([{ what: 'open', from: 1_000, to: 2_000 }]);
});

test('a rest goes on while a breaker moves, and one that is prolonged is one', () => {
  const lanes = new Lanes();
  lanes.rests('seoul/m', 'cooling', { at: 1_000, forMs: 10_000 });
  lanes.rests('seoul/m', 'cooling', { at: 2_000, forMs: 12_000 });
  lanes.moved(moved('open', 3_000));
  lanes.moved(moved('closed', 4_000));
  expect(lanes.read(5_000)['seoul/m']).toEqual([
    { what: 'cooling', from: 1_000, to: 14_000 },
    { what: 'open', from: 3_000, to: 4_000 },
  ]);
});

test('a key that works again ends its quarantine', () => {
  const lanes = new Lanes();
  lanes.rests('seoul/m', 'quarantined', { at: 1_000, forMs: 300_000 });
  lanes.rested('seoul/m', 6_000);
  expect(lanes.read(7_000)['seoul/m']).toEqual([{ what: 'quarantined', from: 1_000, to: 6_000 }]);
});

test('the connections of an endpoint have a lane of their own', () => {
  const lanes = new Lanes();
  lanes.moved(moved('open', 1_000, { scope: 'transport' }));
  expect(Object.keys(lanes.read(2_000))).toEqual(['seoul (connections)']);
});

test('what is older than a quarter of an hour is forgotten, and so is the oldest of a breaker that flaps', () => {
  const lanes = new Lanes();
  for (let index = 0; index < 500; index += 1) {
    lanes.moved(moved('open', index * 10));
    lanes.moved(moved('closed', index * 10 + 5));
  }
  expect(lanes.read(5_000)['seoul/m']).toHaveLength(200);
  expect(lanes.read(5_000 + 900_000)).toEqual({});
});
