import { type Check, faultsOf, functionOf, must, nearestName, shape, text } from '../base/check.js';
import { adaptive } from './adaptive.js';
import { latency } from './latency.js';
import { leastConnections } from './least-connections.js';
import { type Complain, type OwnStrategy, own } from './own.js';
import { p2c } from './p2c.js';
import { priority } from './priority.js';
import { random } from './random.js';
import { locate, type Place, regionCodes } from './regions.js';
import { responseTime } from './response-time.js';
import { roundRobin } from './round-robin.js';
import type { Strategy } from './strategy.js';
import { weightedRoundRobin } from './weighted-round-robin.js';

/** Every strategy by the name that options have for it; one object of a strategy serves all models of a router. */
export const strategies = Object.freeze({
  adaptive,
  latency,
  priority,
  'weighted-round-robin': weightedRoundRobin,
  'round-robin': roundRobin,
  'least-connections': leastConnections,
  'response-time': responseTime,
  random,
  p2c,
}) satisfies Readonly<Record<string, () => Strategy>>;

/** The name of a strategy. */
export type StrategyName = keyof typeof strategies;

/** Where users are: degrees as `[latitude, longitude]` or named, or the code of a cloud region near them. */
export type UserLocation = readonly [latitude: number, longitude: number] | Place | string;

/** How one of several targets is chosen. */
export interface RoutingSettings<Request = unknown> {
  /** How to choose among targets of one tier that may all be asked: a name, or a function of your own. @default 'adaptive' */
  strategy?: StrategyName | OwnStrategy;
  /**
   * The `region` of the endpoints that are asked while their best is expected to take at most half as long again as the best of all.
   * With the strategy `priority` they always are. @default none
   */
  preferRegion?: string;
  /** Where users are: until a target has been measured, the way there is guessed from how far it is. @default nowhere in particular */
  userLocation?: UserLocation;
  /**
   * What requests have in common that should meet at one target, for the sake of its prompt cache: a conversation, a user, a document.
   * They meet as long as that target is neither twice as dear as the best nor has much more than its share to do. @default none
   */
  stickyKey?: (request: Request) => string | undefined;
  /**
   * A later tier is asked when the best of this one costs more than so many times as much, 1 or more; `false` for only when nobody in
   * this one may be asked. The strategy `priority` never spills. @default 3
   */
  spillRatio?: number | false;
}

/** What `router.routing` takes: the name of a strategy, a function of your own, or more. */
export type RoutingOptions<Request = unknown> = StrategyName | OwnStrategy | RoutingSettings<Request>;

/** Routing options with every default filled in. */
export interface ResolvedRouting {
  readonly strategy: Strategy;
  readonly preferRegion: string | undefined;
  /** Where users are. */
  readonly origin: Place | undefined;
  /** Never throws, and answers with a text that is not empty or with undefined. */
  readonly stickyKey: ((request: unknown) => string | undefined) | undefined;
  /** Infinite for never. */
  readonly spillRatio: number;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({ strategy: 'adaptive', spillRatio: 3 } as const);

const NAMES = Object.keys(strategies);
const LISTED = NAMES.map((name) => JSON.stringify(name)).join(', ');

const isDegrees = (value: unknown, most: number): boolean => Number.isFinite(value) && Math.abs(Number(value)) <= most;
const latitude = must('a number of degrees from -90 to 90', (value) => isDegrees(value, 90));
const longitude = must('a number of degrees from -180 to 180', (value) => isDegrees(value, 180));
const place = shape({ lat: latitude, lon: longitude }, { required: ['lat', 'lon'] });
const pair = must('[latitude, longitude]', (value) => (value as unknown[]).length === 2);

/** A word of a list; a slip is answered with the word that was probably meant. */
function wordOf(words: () => readonly string[], wanted: string): Check {
  const known = must(wanted, (value) => words().includes(value as string));
  return (value, path, faults) => {
    const [fault] = faultsOf(known, value, path);
    if (fault === undefined) return;
    const near = nearestName(String(value), words());
    faults.push(near === undefined ? fault : `${path} ${JSON.stringify(value)} is not known; did you mean "${near}"?`);
  };
}

const strategyName = wordOf(() => NAMES, `one of ${LISTED}, or a function`);
const regionCode = wordOf(
  regionCodes,
  'the code of a cloud region, such as "us-east-1", "westeurope" or "asia-northeast3"',
);
const anyStrategy = must(`one of ${LISTED}, or a function`, (value) => typeof value === 'function');
const anyLocation = must('[latitude, longitude], { lat, lon } or the code of a cloud region', (value) => {
  return typeof value === 'object' && value !== null;
});
const anyRouting = must('the name of a strategy, a function or an object', (value) => {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
});

const strategy: Check = (value, path, faults) =>
  (typeof value === 'string' ? strategyName : anyStrategy)(value, path, faults);

/** Checks a place: `[latitude, longitude]`, `{ lat, lon }` or the code of a cloud region. */
export const locationOption: Check = (value, path, faults) => {
  if (typeof value === 'string') return regionCode(value, path, faults);
  if (!Array.isArray(value)) return (isObject(value) ? place : anyLocation)(value, path, faults);
  const [found] = faultsOf(pair, value, path);
  if (found !== undefined) faults.push(found);
  else [latitude, longitude].forEach((check, index) => void check(value[index], `${path}[${index}]`, faults));
};

const settings = shape({
  strategy,
  preferRegion: text,
  userLocation: locationOption,
  stickyKey: functionOf('(request) => key'),
  spillRatio: must('a number of 1 or more, or false', (v) => v === false || (Number.isFinite(v) && Number(v) >= 1)),
});

/** Checks `router.routing`. */
export const routingOptions: Check = (value, path, faults) => {
  if (typeof value === 'string') strategyName(value, path, faults);
  else if (isObject(value)) settings(value, path, faults);
  else anyRouting(value, path, faults);
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Fills in the defaults; the options have been checked before. `complain` hears once of each function of the user's that fails. */
export function resolveRouting(
  given: RoutingOptions<never> = {},
  { complain = () => {} }: { complain?: Complain } = {},
): ResolvedRouting {
  const isWhole = typeof given === 'string' || typeof given === 'function';
  const chosen: RoutingSettings<never> = isWhole ? { strategy: given } : given;
  const { strategy: named = DEFAULTS.strategy, spillRatio = DEFAULTS.spillRatio, stickyKey } = chosen;
  return Object.freeze({
    strategy: typeof named === 'function' ? own(named, complain) : strategies[named](),
    preferRegion: chosen.preferRegion,
    origin: placeOf(chosen.userLocation),
    stickyKey: stickyKey && guarded(stickyKey as (request: unknown) => unknown, complain),
    spillRatio: spillRatio === false ? Number.POSITIVE_INFINITY : spillRatio,
  });
}

/** Where that is; undefined where it is not said, or not known. */
export function placeOf(location: UserLocation | undefined): Place | undefined {
  if (location === undefined || typeof location === 'string') return locate(location ?? '');
  const [lat, lon] = 'lat' in location ? [location.lat, location.lon] : location;
  return Object.freeze({ lat, lon });
}

/** A key is a matter of speed: a request whose key cannot be told goes on without one. */
function guarded(keyOf: (request: unknown) => unknown, complain: Complain): (request: unknown) => string | undefined {
  let hasComplained = false;
  const tell = (fault: string, error: unknown): undefined => {
    if (!hasComplained) complain(`router.routing.stickyKey ${fault}; such requests are not sticky`, error);
    hasComplained = true;
  };
  return (request) => {
    try {
      const key = keyOf(request);
      if (typeof key === 'string') return key === '' ? undefined : key;
      return key === undefined ? undefined : tell('returned something that is not a string', undefined);
    } catch (error) {
      return tell('threw', error);
    }
  };
}
