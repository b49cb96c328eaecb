import type { LogNormal } from './world/dice.ts';
import { type Fault, flapping, type Span, type Trouble } from './world/faults.ts';
import { FLAT, REGIONS, type RegionName, TWO_SIDES } from './world/network.ts';
import type { RegionPlan } from './world/region.ts';
import type { WorldPlan } from './world/world.ts';

/** A day that a client may have. */
export interface Scenario {
  readonly name: string;
  /** What happens, for people. */
  readonly story: string;
  /** What differs from the usual world, of so many milliseconds. */
  readonly plan: (durationMs: number) => Differences;
  /** How many processes there are, whatever was asked for. */
  readonly clients?: number;
  /** How often each seed is played: where few calls come, one run says little. @default 1 */
  readonly rounds?: number;
}

interface Differences extends Partial<Pick<WorldPlan, 'geographies' | 'perSecond' | 'surge'>> {
  /** By region, or for all as `*`. */
  readonly regions?: Partial<Record<RegionName | '*', Partial<RegionPlan>>>;
}

/** An answer takes 0.8 s of work in the median, 3.2 s in the 99th percentile. */
export const WORK: LogNormal = { median: 800, sigma: 0.6 };

const USUAL: RegionPlan = { slots: 40, speed: 1, faults: [] };
const PER_SECOND = 60;
const DOWN: Trouble = { kind: 'errors', share: 1 };
const HOLE: Trouble = { kind: 'hole' };

/** What happens happens in the middle third of the run. */
const middle = (durationMs: number): Span => ({ from: durationMs / 3, until: (2 * durationMs) / 3 });

/** The first sixth of a run warms up and is not counted. */
export const countedFrom = (durationMs: number): number => durationMs / 6;

const during =
  (region: RegionName | '*', trouble: Trouble) =>
  (durationMs: number): Differences => ({
    regions: { [region]: { faults: [{ ...trouble, ...middle(durationMs) }] } },
  });

const slots = (byRegion: Partial<Record<RegionName | '*', number>>): Differences => ({
  regions: Object.fromEntries(Object.entries(byRegion).map(([region, count]) => [region, { slots: count }])),
});

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'steady', story: 'nothing happens', plan: () => ({}) },
  {
    name: 'flatRegions',
    story: 'nothing happens, and every region is equally far',
    plan: () => ({ geographies: FLAT }),
  },
  { name: 'fastFail', story: 'Seoul answers with 500s', plan: during('seoul', DOWN) },
  { name: 'blackhole', story: 'Seoul falls silent', plan: during('seoul', HOLE) },
  { name: 'brownout8x', story: 'Seoul works eight times slower', plan: during('seoul', { kind: 'slow', factor: 8 }) },
  {
    name: 'partial30',
    story: 'three in ten answers of Seoul are 500s',
    plan: during('seoul', { ...DOWN, share: 0.3 }),
  },
  {
    name: 'flap',
    story: 'Seoul is down for 8 s and up for 8 s, from the first sixth to the end of the fifth',
    plan: (durationMs) => ({
      regions: {
        seoul: {
          faults: flapping(DOWN, { from: durationMs / 6, until: (durationMs * 5) / 6 }, { onMs: 8_000, offMs: 8_000 }),
        },
      },
    }),
  },
  {
    name: 'twoDown',
    story: 'Seoul falls silent while Virginia answers with 500s',
    plan: (durationMs) => ({
      regions: { ...during('seoul', HOLE)(durationMs).regions, ...during('virginia', DOWN)(durationMs).regions },
    }),
  },
  {
    name: 'allDown30s',
    story: 'everything answers with 500s for a twelfth of the time: 30 s of 6 min',
    plan: (durationMs) => ({
      regions: { '*': { faults: [{ ...DOWN, from: durationMs / 2, until: (durationMs * 7) / 12 }] } },
    }),
  },
  {
    name: 'serverRL',
    story: '90 calls a second come; regions let 15, 20, 25, 40 and 15 a second in, and say 429 to the others',
    plan: () => ({
      perSecond: 90,
      regions: Object.fromEntries([15, 20, 25, 40, 15].map((perSecond, at) => [REGIONS[at], { perSecond }])),
    }),
  },
  {
    name: 'hetero',
    story: 'regions have 10, 60, 20, 10 and 30 slots, and speeds of 1, 0.7, 1.5, 0.8 and 1.2',
    plan: () => ({
      regions: {
        seoul: { slots: 10, speed: 1 },
        tokyo: { slots: 60, speed: 0.7 },
        singapore: { slots: 20, speed: 1.5 },
        frankfurt: { slots: 10, speed: 0.8 },
        virginia: { slots: 30, speed: 1.2 },
      },
    }),
  },
  {
    name: 'overload',
    story: 'for a sixth of the time, 1 min of 6, 280 calls a second come, and 130 can be served',
    plan: (durationMs) => ({
      ...slots({ '*': 25 }),
      surge: { from: durationMs / 3, until: durationMs / 2, perSecond: 280 },
    }),
  },
  {
    name: 'geoSpill',
    story: 'the nearest region of either side has half of the slots',
    plan: () => slots({ seoul: 20, virginia: 20 }),
  },
  {
    name: 'lowTraffic',
    story: 'one process with a call every two seconds, and Seoul falls silent',
    plan: (durationMs) => ({ ...during('seoul', HOLE)(durationMs), perSecond: 0.5 }),
    clients: 1,
    rounds: 10,
  },
  { name: 'oneClient', story: 'one process makes all the calls, from Seoul', plan: () => ({}), clients: 1 },
];

/** How a scenario is to be played. */
export interface Terms {
  readonly seed: number;
  readonly minutes: number;
  readonly clients: number;
  readonly streamed: boolean;
}

/** How much of the work of a streamed answer is done when its first token leaves. */
const FIRST_TOKEN_SHARE = 0.3;

/** The plan of the world that a scenario is played in. */
export function planOf({ plan, clients }: Scenario, terms: Terms): WorldPlan {
  const durationMs = terms.minutes * 60_000;
  const { regions = {}, geographies = TWO_SIDES, perSecond = PER_SECOND, surge } = plan(durationMs);
  return {
    regions: REGIONS.map((name): RegionPlan => ({ ...USUAL, ...regions['*'], ...regions[name] })),
    geographies,
    perSecond,
    surge,
    clients: clients ?? terms.clients,
    work: WORK,
    firstTokenShare: terms.streamed ? FIRST_TOKEN_SHARE : 1,
    durationMs,
    seed: terms.seed,
  };
}

/** The faults of a plan, by region, for plots. */
export const faultsOf = ({ regions }: WorldPlan): readonly (readonly Fault[])[] => regions.map(({ faults }) => faults);
