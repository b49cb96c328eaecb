import { type LogNormal, logNormalBetween } from './dice.ts';

/** The regions, in the order in which everybody has configured them. */
export const REGIONS = ['seoul', 'tokyo', 'singapore', 'frankfurt', 'virginia'] as const;

/** One of the five regions. */
export type RegionName = (typeof REGIONS)[number];

/** How long the way to each region and back takes, in the order of {@link REGIONS}. */
export type Geography = readonly LogNormal[];

/** The tutorial's figures, as they are seen from Seoul: the median and the 99th percentile, in milliseconds. */
const FROM_SEOUL: Geography = [
  logNormalBetween(23, 45),
  logNormalBetween(28, 52),
  logNormalBetween(45, 78),
  logNormalBetween(120, 185),
  logNormalBetween(150, 220),
];

/** Half of the clients sit in Seoul. The others see the same five figures from the opposite end: Virginia is next door. */
export const TWO_SIDES: readonly Geography[] = [FROM_SEOUL, [...FROM_SEOUL].reverse()];

/** Every region is equally far for everybody. */
export const FLAT: readonly Geography[] = [REGIONS.map(() => logNormalBetween(75, 120))];

/** The numbers of the regions as a client sees them, nearest first. */
export function nearestFirst(geography: Geography): readonly number[] {
  const places = geography.map(({ median }, region) => ({ median, region }));
  return places.sort((one, other) => one.median - other.median).map(({ region }) => region);
}
