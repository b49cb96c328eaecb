import { describe, expect, test } from 'vitest';
import {
  type RoutingOptions,
  resolveRouting,
  routingOptions,
  strategies,
} from '../../../packages/core/src/routing/options.js';
import { occasion, picks, town } from './town.js';

const faultsOf = (given: unknown) => {
  const faults: string[] = [];
  routingOptions(given, 'router.routing', faults);
  return faults;
};

test('the defaults are adaptive, no preference, no place, no key, and a spill at three times', () => {
  const defaults = { preferRegion: undefined, origin: undefined, stickyKey: undefined, spillRatio: 3 };
  for (const given of [undefined, {}, 'adaptive'] as const) {
    expect(resolveRouting(given)).toMatchObject({ ...defaults, strategy: { name: 'adaptive' } });
  }
});

test('what is resolved is frozen', () => {
  const resolved = resolveRouting({ userLocation: [1, 2] });
  expect([Object.isFrozen(resolved), Object.isFrozen(resolved.origin)]).toEqual([true, true]);
});

test.each(Object.keys(strategies) as (keyof typeof strategies)[])(
  '%s is known by name, alone and among other options',
  (name) => {
    expect([faultsOf(name), faultsOf({ strategy: name })]).toEqual([[], []]);
    expect(resolveRouting(name).strategy.name).toBe(name);
  },
);

test('each router has a rotation of its own', () => {
  const candidates = town({ a: {}, b: {} });
  const [one, other] = [resolveRouting('round-robin'), resolveRouting('round-robin')];
  expect([one, other].map(({ strategy }) => picks(strategy, candidates, 1)[0])).toEqual(['a', 'a']);
});

test('a function is a strategy, alone and among other options', () => {
  const last: RoutingOptions = (candidates) => candidates.at(-1)?.id ?? '';
  for (const given of [last, { strategy: last }]) {
    expect(faultsOf(given)).toEqual([]);
    expect(resolveRouting(given).strategy.pick(town({ a: {}, b: {} }), occasion()).id).toBe('b');
  }
});

test('zero is a place, and false is a value', () => {
  const given: RoutingOptions = { userLocation: [0, 0], spillRatio: false };
  expect(faultsOf(given)).toEqual([]);
  expect(resolveRouting(given)).toMatchObject({ origin: { lat: 0, lon: 0 }, spillRatio: Number.POSITIVE_INFINITY });
});

describe('the place of users', () => {
  test.each([
    [[37.57, 126.98]],
    [{ lat: 37.57, lon: 126.98 }],
    ['ap-northeast-2'],
    ['koreacentral'],
    ['asia-northeast3'],
  ])('%j is Seoul', (userLocation) => {
    expect(faultsOf({ userLocation })).toEqual([]);
    expect(resolveRouting({ userLocation } as RoutingOptions).origin).toEqual({ lat: 37.57, lon: 126.98 });
  });

  test.each([
    ['us-east1-a', 'router.routing.userLocation "us-east1-a" is not known; did you mean "us-east-1"?'],
    ['moon', 'router.routing.userLocation must be the code of a cloud region, such as "us-east-1", "westeurope" or'],
    [[91, 0], 'router.routing.userLocation[0] must be a number of degrees from -90 to 90, but is 91'],
    [[0, '7'], 'router.routing.userLocation[1] must be a number of degrees from -180 to 180, but is "7"'],
    [[1, 2, 3], 'router.routing.userLocation must be [latitude, longitude], but is a list'],
    [{ lat: 1 }, 'router.routing.userLocation.lon is required'],
    [{ lat: 1, lng: 2 }, 'router.routing.userLocation.lon is required'],
    [
      null,
      'router.routing.userLocation must be [latitude, longitude], { lat, lon } or the code of a cloud region, but is null',
    ],
    [
      7,
      'router.routing.userLocation must be [latitude, longitude], { lat, lon } or the code of a cloud region, but is 7',
    ],
  ])('%j is none', (userLocation, fault) => {
    expect(faultsOf({ userLocation })[0]).toContain(fault);
  });
});

test('every fault is told at once, with what was probably meant', () => {
  const faults = faultsOf({
    strategy: 'leest-connections',
    preferRegion: '',
    stickyKey: 'user',
    spillRatio: 0.5,
    preferedRegion: 'asia',
  });
  expect(faults).toEqual([
    'router.routing.strategy "leest-connections" is not known; did you mean "least-connections"?',
    'router.routing.preferRegion must be a non-empty string, but is ""',
    'router.routing.stickyKey must be a function (request) => key, but is "user"',
    'router.routing.spillRatio must be a number of 1 or more, or false, but is 0.5',
    'router.routing.preferedRegion is not an option; did you mean router.routing.preferRegion?',
  ]);
});

test.each([
  ['latancy', 'router.routing "latancy" is not known; did you mean "latency"?'],
  ['best', 'router.routing must be one of "adaptive", "latency", "priority",'],
  [7, 'router.routing must be the name of a strategy, a function or an object, but is 7'],
  [null, 'router.routing must be the name of a strategy, a function or an object, but is null'],
  [[], 'router.routing must be an object, but is a list'],
  [{ strategy: 7 }, 'router.routing.strategy must be one of "adaptive"'],
])('%j is not taken', (given, fault) => {
  expect(faultsOf(given)[0]).toContain(fault);
});

describe('a sticky key', () => {
  /** What keys come of requests, and what is complained of. */
  function keysOf(stickyKey: (request: never) => unknown, requests: readonly unknown[]) {
    const complaints: string[] = [];
    const complain = (message: string) => void complaints.push(message);
    const routing = resolveRouting({ stickyKey: stickyKey as (request: never) => string }, { complain });
    return { keys: requests.map((request) => routing.stickyKey?.(request)), complaints };
  }

  test('is what the function makes of a request; an empty one is none', () => {
    const { keys, complaints } = keysOf(({ user }: { user?: string }) => user, [{ user: 'ann' }, {}, { user: '' }]);
    expect([keys, complaints]).toEqual([['ann', undefined, undefined], []]);
  });

  test('that is no string is none, and told once', () => {
    const { keys, complaints } = keysOf(() => 7, [1, 2]);
    expect(keys).toEqual([undefined, undefined]);
    expect(complaints).toEqual([expect.stringContaining('stickyKey returned something that is not a string')]);
  });

  // `(request) => request.metadata.thread` is fine until a request has no metadata; the request itself is.
  test('whose function throws is none, and the request goes on', () => {
    const { keys, complaints } = keysOf(
      ({ user }: { user: { id: string } }) => user.id,
      [{}, { user: { id: 'ann' } }, {}],
    );
    expect(keys).toEqual([undefined, 'ann', undefined]);
    expect(complaints).toEqual([expect.stringContaining('stickyKey threw')]);
  });
});
