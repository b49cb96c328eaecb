import { expect, test } from 'vitest';
import { durationText } from '../../../packages/core/src/base/duration.js';

test.each([
  [0, '0 ms'],
  [0.123, '0.12 ms'],
  [4.25, '4.3 ms'],
  [80.4, '80 ms'],
  [999.6, '1 s'],
  [4_200, '4.2 s'],
  [22_000, '22 s'],
  [90_000, '90 s'],
  [599_999, '10 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 days'],
  [Number.MAX_SAFE_INTEGER, 'as long as nobody changes it'],
  [Number.POSITIVE_INFINITY, 'as long as nobody changes it'],
])('%d milliseconds are told to people as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
