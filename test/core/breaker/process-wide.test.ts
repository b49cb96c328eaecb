import { expect, test } from 'vitest';
import { createBreaker } from '../../../packages/core/src/breaker/breaker.js';
import { sharedBreakers } from '../../../packages/core/src/breaker/process-wide.js';

test('whoever names the same gets the same breakers, and others get others', () => {
  const mine = sharedBreakers('process-wide.test one');
  mine.set(
    'target a/m',
    createBreaker(false, () => 0),
  );
  expect(sharedBreakers('process-wide.test one')).toBe(mine);
  expect(sharedBreakers('process-wide.test two').size).toBe(0);
});

// A program that has the package twice, as ESM and as CommonJS, must not have two of each breaker.
test('they are found by a symbol that every copy of the package knows', () => {
  const groups = (globalThis as Record<symbol, unknown>)[Symbol.for('breakwater.breakers.1')] as Map<string, unknown>;
  expect(groups.get('process-wide.test three')).toBeUndefined();
  expect(groups.get('process-wide.test one')).toBe(sharedBreakers('process-wide.test one'));
});
