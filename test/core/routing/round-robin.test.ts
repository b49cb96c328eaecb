import { expect, test } from 'vitest';
import { roundRobin } from '../../../packages/core/src/routing/round-robin.js';
import { occasion, picks, town } from './town.js';

test('targets take turns in the order in which they were given, whatever they weigh', () => {
  const candidates = town({ a: { weight: 5 }, b: {}, c: {} });
  expect(picks(roundRobin(), candidates, 6).join('')).toBe('abcabc');
});

test('the models of one router do not disturb each other', () => {
  const strategy = roundRobin();
  const [one, other] = [town({ 'a/1': {}, 'b/1': {} }), town({ 'a/2': {}, 'b/2': {} })];
  const names = [one, other, one, other].map((candidates) => strategy.pick(candidates, occasion()).id);
  expect(names).toEqual(['a/1', 'a/2', 'b/1', 'b/2']);
});

test('the turn of one that is missing goes to the next, and to nobody twice', () => {
  const strategy = roundRobin();
  const all = town({ a: {}, b: {}, c: {} });
  const without = all.filter(({ id }) => id !== 'b');
  const names = [all, without, without, all, all, all].map((candidates) => strategy.pick(candidates, occasion()).id);
  expect(names.slice(0, 3)).toEqual(['a', 'c', 'a']);
  expect(new Set(names.slice(3)).size).toBe(3);
});
