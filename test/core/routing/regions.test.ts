import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { locate, regionCodes } from '../../../packages/core/src/routing/regions.js';

test.each([
  ['ap-northeast-2', 37.57, 126.98],
  ['ap-northeast-1', 35.68, 139.69],
  ['ap-southeast-1', 1.35, 103.82],
  ['us-east-1', 38.95, -77.45],
  ['eu-central-1', 50.11, 8.68],
])('%s is where it is', (code, lat, lon) => {
  expect(locate(code)).toEqual({ lat, lon });
});

test('one city has one place, whatever three providers call it', () => {
  for (const code of ['japaneast', 'asia-northeast1']) expect(locate(code)).toBe(locate('ap-northeast-1'));
});

test('every code is a plain name, is there once and is somewhere on the globe', () => {
  const codes = regionCodes();
  expect(codes.length).toBeGreaterThan(100);
  const written = readFileSync(new URL('../../../packages/core/src/routing/regions.ts', import.meta.url), 'utf8');
  const [, table = ''] = /TABLE = `\n([^`]*)`/.exec(written) ?? [];
  expect(table.split(/\s+/).filter((word) => /^[a-z]/.test(word))).toHaveLength(codes.length);
  for (const code of codes) {
    expect(code).toMatch(/^[a-z]+(-?[a-z0-9]+)*$/);
    const { lat, lon } = locate(code) ?? { lat: Number.NaN, lon: Number.NaN };
    expect(Math.abs(lat)).toBeLessThanOrEqual(90);
    expect(Math.abs(lon)).toBeLessThanOrEqual(180);
  }
  expect(table.length).toBeLessThan(3_072);
});

test('nobody knows where the moon is', () => {
  for (const code of ['moon', '', '38.95', 'constructor']) expect(locate(code)).toBeUndefined();
});
