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

/**
 * Where the regions are, as a client in Seoul knows from its map, nearest first by the figures above. At the opposite end, where the same
 * figures are seen in the opposite order, the map is turned too.
 */
export const PLACES: readonly { readonly lat: number; readonly lon: number }[] = [
  { lat: 37.57, lon: 126.98 },
  { lat: 35.68, lon: 139.69 },
  { lat: 1.35, lon: 103.82 },
  { lat: 50.11, lon: 8.68 },
  { lat: 38.95, lon: -77.45 },
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
