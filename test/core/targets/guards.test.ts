import { describe, expect, test } from 'vitest';
import type { BreakerInput } from '../../../packages/core/src/breaker/options.js';
import { planBreakers, type RouterBreakerInput } from '../../../packages/core/src/breaker/scopes.js';
import { trackers } from '../../../packages/core/src/breaker/trackers.js';
import { GuardRoom } from '../../../packages/core/src/targets/guards.js';

const place = (id: string) => {
  const [endpoint = '', model = ''] = id.split('/');
  return { endpoint, model };
};

function roomOf(breaker?: RouterBreakerInput, shareAs?: string, byEndpoint: Record<string, BreakerInput> = {}) {
  const endpoints = Object.entries(byEndpoint).map(([id, own]) => ({ id, breaker: own }));
  const breakers = planBreakers(breaker, { endpoints });
  const address = { of: 'https://one.example' };
  const complaints: string[] = [];
  const complain = (message: string, error: unknown) => void complaints.push(`${message}: ${(error as Error).message}`);
  const room = new GuardRoom({ breakers, shareAs, addressOf: () => address.of, complain, random: () => 0 });
  const forget = (id: string) => room.forget(place(id), 0);
  return { room, of: (id: string) => room.of(place(id), 0), forget, address, complaints };
}

/** Which of these places have a breaker in common, as groups. */
function groups(of: (id: string) => { breaker: unknown }, ...ids: string[]): string {
  const found = new Map<unknown, string[]>();
  for (const id of ids) found.set(of(id).breaker, [...(found.get(of(id).breaker) ?? []), id]);
  return [...found.values()].map((group) => group.join('+')).join(' ');
}

describe('a breaker stands', () => {
  test.each([
    [undefined, 'a/m a/n b/m'],
    ['target', 'a/m a/n b/m'],
    ['endpoint', 'a/m+a/n b/m'],
    ['model', 'a/m+b/m a/n'],
  ] as const)('for what its scope says: %s', (scope, expected) => {
    expect(groups(roomOf(scope && { scope }).of, 'a/m', 'a/n', 'b/m')).toBe(expected);
  });

  test('for the connections of each endpoint, whatever the scope', () => {
    const { room, of } = roomOf({ scope: 'model' });
    expect(of('a/m').transport).toBe(of('a/n').transport);
    expect(of('a/m').transport).toBe(room.transportOf('a', 0));
    expect(of('a/m').transport).not.toBe(of('b/m').transport);
    expect(of('a/m').transport).not.toBe(of('a/m').breaker);
  });
});

test('each place has the options and the tracker that are given for it', () => {
  const tracker = trackers.all();
  const { of } = roomOf({ models: { m: { tracker, failureStreak: 1 }, off: false } });
  expect([of('a/m').tracker, of('a/n').tracker, of('a/off').tracker]).toEqual([tracker, undefined, undefined]);
  of('a/m').breaker.tryAcquire(0)?.settle('failure', 0);
  of('a/n').breaker.tryAcquire(0)?.settle('failure', 0);
  const states = ['a/m', 'a/n', 'a/off'].map((id) => of(id).breaker.snapshot(0));
  expect(states.map(({ state, mode }) => `${state} ${mode}`)).toEqual(['open auto', 'closed auto', 'closed disabled']);
});

describe('rooms of one name', () => {
  test('have the same breakers, and others have others', () => {
    const [one, two, other] = [roomOf({}, 'guards.test'), roomOf({}, 'guards.test'), roomOf({}, 'guards.test other')];
    expect(one.of('a/m').breaker).toBe(two.of('a/m').breaker);
    expect(one.of('a/m').transport).toBe(two.of('a/m').transport);
    expect(one.of('a/m').breaker).not.toBe(other.of('a/m').breaker);
    expect(roomOf().of('a/m').breaker).not.toBe(roomOf().of('a/m').breaker);
  });

  test('forget nothing that another may still use', () => {
    const [one, two] = [roomOf({}, 'guards.test forgets'), roomOf({}, 'guards.test forgets')];
    const { breaker } = one.of('a/m');
    one.forget('a/m');
    expect(two.of('a/m').breaker).toBe(breaker);
  });
});

describe('rooms of one name and different options', () => {
  // The first client won: one that had said `breaker: false` was refused calls, and made first it kept breakers closed for all others.
  test.each(['first', 'second'])('share nothing where only one of them wants breakers, the %s', (who) => {
    const name = `guards.test off ${who}`;
    const rooms = [roomOf({ failureStreak: 1 }, name), roomOf(false, name)];
    if (who === 'second') rooms.reverse();
    const guards = rooms.map(({ of }) => of('a/m'));
    for (const { breaker } of guards) breaker.tryAcquire(0)?.settle('failure', 0);
    const states = guards.map(({ breaker }) => breaker.peek(0));
    expect(states).toEqual(who === 'first' ? ['rejected', 'ok'] : ['ok', 'rejected']);
    expect(guards[0]?.transport).not.toBe(guards[1]?.transport);
    expect(rooms.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  test('share nothing where one of them only observes', () => {
    const [one, two] = [roomOf({}, 'guards.test mode'), roomOf({ mode: 'observe-only' }, 'guards.test mode')];
    expect(two.of('a/m').breaker.snapshot(0).mode).toBe('observe-only');
    expect(one.of('a/m').breaker.snapshot(0).mode).toBe('auto');
  });

  test('have the breakers of the first, and the second complains once', () => {
    const given = { failureStreak: 1, transport: { failureStreak: 2 } };
    const [one, two] = [roomOf(given, 'guards.test complains'), roomOf({ openMs: 9 }, 'guards.test complains')];
    one.of('a/m');
    for (const id of ['b/m', 'a/m', 'a/m', 'a/n']) two.of(id);
    one.of('b/m');
    expect(two.complaints).toEqual([
      'the breaker for target a/m is shared as "guards.test complains" with a client of other options (failureStreak, openMs): those of the client that came first hold; give both the same',
    ]);
    expect(one.complaints).toEqual([
      'the breaker for target b/m is shared as "guards.test complains" with a client of other options (failureStreak, openMs): those of the client that came first hold; give both the same',
    ]);
    expect(two.of('a/m').breaker).toBe(one.of('a/m').breaker);
  });

  test('do not complain of parts that are made alike, nor of leases that follow the timeouts of calls', () => {
    const same = (leaseMs: number) => ({ tracker: trackers.all(), leaseMs });
    const [one, two] = [roomOf(same(60_000), 'guards.test alike'), roomOf(same(90_000), 'guards.test alike')];
    expect(two.of('a/m').breaker).toBe(one.of('a/m').breaker);
    expect(two.complaints).toEqual([]);
    const other = roomOf({}, 'guards.test alike');
    other.of('a/m');
    expect(other.complaints[0]).toContain('(tracker)');
  });
});

describe('rooms of one name whose endpoints are called the same', () => {
  // Without `endpoints` every client calls its own `default`: an outage of one provider opened the breakers of another.
  test('share nothing when they are at different addresses', () => {
    const [one, two] = [roomOf({}, 'guards.test hosts'), roomOf({}, 'guards.test hosts')];
    two.address.of = 'https://two.example';
    expect(two.of('a/m').breaker).not.toBe(one.of('a/m').breaker);
    expect(two.of('a/m').transport).not.toBe(one.of('a/m').transport);
  });

  test('keep to the address that they found when they were first asked', () => {
    const { of, room, address } = roomOf({}, 'guards.test moves');
    const { breaker, transport } = of('a/m');
    address.of = 'https://two.example';
    expect(of('a/m').breaker).toBe(breaker);
    expect(room.transportOf('a', 0)).toBe(transport);
  });

  test('share a breaker that stands for a model wherever it is', () => {
    const scope = { scope: 'model' } as const;
    const [one, two] = [roomOf(scope, 'guards.test wherever'), roomOf(scope, 'guards.test wherever')];
    two.address.of = 'https://two.example';
    expect(two.of('a/m').breaker).toBe(one.of('a/m').breaker);
    expect(two.of('a/m').transport).not.toBe(one.of('a/m').transport);
  });
});

describe('a model that is forgotten', () => {
  // By model they were kept for ever, and model names are made up by callers.
  test.each(['target', 'model'] as const)('takes its breaker with it, by %s', (scope) => {
    const { of, forget } = roomOf({ scope });
    const { breaker } = of('a/m');
    forget('a/m');
    expect(of('a/m').breaker).not.toBe(breaker);
  });

  test('leaves the breaker of its endpoint, and of its connections', () => {
    const { of, forget } = roomOf({ scope: 'endpoint' });
    const { breaker, transport } = of('a/m');
    forget('a/m');
    expect([of('a/m').breaker, of('a/m').transport]).toEqual([breaker, transport]);
    expect(of('a/m').breaker).toBe(breaker);
    expect(of('a/m').transport).toBe(transport);
  });

  // A breaker that somebody had disabled decided by itself again after a thousand other models.
  test('leaves what somebody set by hand', () => {
    const { of, forget } = roomOf();
    of('a/m').breaker.setMode('disabled', 0);
    forget('a/m');
    expect(of('a/m').breaker.snapshot(0).mode).toBe('disabled');
  });
});

test('a breaker begins when its place is first asked for, in the mode of its options', () => {
  const { room } = roomOf({ mode: 'observe-only', models: { off: false } }, undefined, { b: { mode: 'forced-open' } });
  const guards = ['a/m', 'a/off', 'b/m'].map((id) => room.of(place(id), 700));
  expect(guards.map(({ breaker }) => breaker.usualMode)).toEqual(['observe-only', 'disabled', 'forced-open']);
  expect(guards.map(({ transport }) => transport.usualMode)).toEqual(Array(3).fill('observe-only'));
  expect(guards[0]?.breaker.snapshot(1_000).sinceMs).toBe(300);
  expect(room.transportOf('c', 900).snapshot(1_000).sinceMs).toBe(100);
});
