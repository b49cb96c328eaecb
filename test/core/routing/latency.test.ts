import { expect, test } from 'vitest';
import { latency } from '../../../packages/core/src/routing/latency.js';
import { noDice, occasion, town } from './town.js';

const once = (all: Parameters<typeof town>[0]) => latency().pick(town(all), occasion(noDice)).id;

test('the lowest average wins among idle targets, and calls under way count as much as the average', () => {
  expect(once({ a: { averageMs: 900 }, b: { averageMs: 800 } })).toBe('b');
  expect(once({ a: { averageMs: 900 }, b: { averageMs: 800, inFlight: 1 } })).toBe('a');
});

test('fast failures do not look fast', () => {
  expect(once({ failing: { averageMs: 50, successRate: 0.1 }, fine: { averageMs: 900 } })).toBe('fine');
});

test('who has never answered is tried first, by one call at a time', () => {
  const fine = { averageMs: 100, inFlight: 20 };
  expect(once({ fine, unknown: { samples: 0, averageMs: 100 } })).toBe('unknown');
  expect(once({ fine, unknown: { samples: 0, averageMs: 100, inFlight: 1 } })).toBe('fine');
  const busy = { samples: 0, averageMs: 0, inFlight: 1 };
  expect(once({ busy, other: { ...busy, inFlight: 0 } })).toBe('other');
  expect(once({ busy: { ...busy, inFlight: 3 }, other: busy })).toBe('other');
});

// LiteLLM records no latency for an error: a deployment that answered every call with a 500 stayed the one without a latency, so each
// next call went there too.
test('who has failed instead of answering is not tried first again and again', () => {
  const failed = { samples: 0, averageMs: 800, successRate: 0.7 };
  expect(once({ failed, fine: { averageMs: 800 } })).toBe('fine');
  expect(once({ failed, busy: { averageMs: 800, inFlight: 9 } })).toBe('failed');
});

test('weights do not count', () => {
  expect(once({ heavy: { averageMs: 810, weight: 100 }, light: { averageMs: 800 } })).toBe('light');
});
