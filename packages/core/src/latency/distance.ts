/** A point on the globe, in degrees, north of the equator and east of Greenwich above 0. */
interface Point {
  readonly lat: number;
  readonly lon: number;
}

const EARTH_RADIUS_KM = 6_371;
/** Light in glass does two thirds of what it does in a vacuum. */
const KM_PER_MS = 200;
/** Cables follow coasts and borders. */
const DETOUR = 1.6;
/** What both ends need, however near. */
const ENDS_MS = 10;

/** A guess at the way there and back, in milliseconds, for as long as nothing has been measured; 0 where one end is not known. */
export function guessMs(from: Point | undefined, to: Point | undefined): number {
  if (from === undefined || to === undefined) return 0;
  return ((2 * distanceKm(from, to)) / KM_PER_MS) * DETOUR + ENDS_MS;
}

/** Along the surface; the haversine formula (Sinnott, "Virtues of the Haversine", 1984), which is exact for near places too. */
function distanceKm(from: Point, to: Point): number {
  const radians = Math.PI / 180;
  const lat = Math.sin(((to.lat - from.lat) * radians) / 2);
  const lon = Math.sin(((to.lon - from.lon) * radians) / 2);
  const chord = lat * lat + Math.cos(from.lat * radians) * Math.cos(to.lat * radians) * lon * lon;
  // For opposite places rounding can take it above 1.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, chord)));
}
