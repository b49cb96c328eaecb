import { describe, expect, test } from 'vitest';
import { CONTESTANTS, type Contestant, ORACLE } from './contestants.ts';
import { play } from './play.ts';
import type { Tally } from './report/tally.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** Shortened, so that both cores have other things to do too; the whole table is `pnpm simulate`. */
const TERMS = { seeds: [1], minutes: 2, clients: 20, streamed: false };

/** Those that somebody could have instead of ours. */
const RIVALS = CONTESTANTS.filter((one) => !one.hasPromises && one !== ORACLE);

const adaptive = CONTESTANTS.find(({ name }) => name === 'adaptive');

const best = (tallies: readonly Tally[], read: (tally: Tally) => number): number => Math.max(...tallies.map(read));

/** Order, not numbers: what is asserted is that nobody else does better, by more than chance would explain in one short run. */
describe.skipIf(adaptive === undefined)('adaptive against every other way to choose', () => {
  test.each(['steady', 'fastFail', 'blackhole', 'brownout8x', 'flap', 'twoDown', 'geoSpill'])('%s', async (name) => {
    const scenario = SCENARIOS.find((one) => one.name === name) as Scenario;
    const of = (contestant: Contestant) => play({ scenario, contestant, ...TERMS });
    const rivals: Tally[] = [];
    for (const rival of RIVALS) rivals.push(await of(rival));
    const ours = await of(adaptive as Contestant);
    expect(ours.availability).toBeGreaterThanOrEqual(best(rivals, ({ availability }) => availability));
    expect(ours.soon).toBeGreaterThanOrEqual(best(rivals, ({ soon }) => soon) - 0.005);
    expect(ours.quantileMs(0.99)).toBeLessThanOrEqual(-best(rivals, (tally) => -tally.quantileMs(0.99)) * 1.1);
    // A short run has as many surprises as a long one, and fewer calls to spread them over.
    expect(ours.attemptsPerCall).toBeLessThan(1.05);
  });
});
