import { expect, test } from 'vitest';
import { Remembered } from '../../packages/prometheus/src/remembered.js';

test('what is never asked for again is forgotten, the oldest first', () => {
  const remembered = new Remembered<number>();
  for (let id = 0; id < 10_001; id += 1) remembered.set(`${id}`, id);
  expect(remembered.take('0')).toBeUndefined();
  expect(remembered.take('1')).toBe(1);
  expect(remembered.take('10000')).toBe(10_000);
});

test('a value is handed out once, zero too', () => {
  const remembered = new Remembered<number>();
  remembered.set('a', 0);
  remembered.set(undefined, 1);
  expect(remembered.take('a')).toBe(0);
  expect(remembered.take('a')).toBeUndefined();
  expect(remembered.take(undefined)).toBeUndefined();
});
