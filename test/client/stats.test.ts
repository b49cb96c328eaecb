import { faultKinds } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { compare } from './storm/compare.ts';
import { type Part, play } from './storm/storm.ts';

const parts: readonly [string, Part][] = [
  ['with hedges', { requests: 200, seed: 1, hedging: true, rescue: 'continue', lastResort: false }],
  ['without', { requests: 200, seed: 2, hedging: false, rescue: 'continue', lastResort: true }],
  ['where streams begin anew', { requests: 200, seed: 3, hedging: true, rescue: 'restart', lastResort: false }],
];

describe('in a storm over real HTTP every number of the stats is that of an independent recount', () => {
  test.concurrent.each(parts)(
    '%s',
    async (_name, part) => {
      const played = await play(part);
      const { differences, numbers } = compare(played);
      expect(differences).toEqual([]);
      expect(numbers).toBeGreaterThan(200);
      const faults = new Set(played.simulator.log.map(({ fault }) => fault));
      expect(faults.size).toBeGreaterThan(faultKinds.length / 2);
    },
    60_000,
  );
});
