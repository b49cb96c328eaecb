import { expect, test } from 'vitest';
import { priority } from '../../../packages/core/src/routing/priority.js';
import { noDice, occasion, town } from './town.js';

test('the first that is given is taken, however slow it is, and nothing is drawn', () => {
  const candidates = town({ first: { expectedMs: 9_000, successRate: 0.05 }, second: { expectedMs: 1 } });
  expect(priority().pick(candidates, occasion(noDice)).id).toBe('first');
});

test('it says that order is what counts, and knows no cost', () => {
  expect(priority()).toMatchObject({ name: 'priority', ordered: true });
  expect(priority().cost).toBeUndefined();
});
