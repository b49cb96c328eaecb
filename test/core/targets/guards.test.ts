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
  const breakers = planBreakers(breaker, { byEndpoint: new Map(Object.entries(byEndpoint)) });
  const room = new GuardRoom({ breakers, shareAs, random: () => 0 });
  return { room, of: (id: string) => room.of(place(id)), forget: (id: string) => room.forget(place(id), 0) };
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
    expect(of('a/m').transport).toBe(room.transportOf('a'));
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

test('the modes that options name are known', () => {
  const { room } = roomOf({ mode: 'observe-only', models: { off: false } }, undefined, { b: { mode: 'forced-open' } });
  expect(['a/m', 'a/off', 'b/m'].map((id) => room.modeAt(place(id)))).toEqual([
    'observe-only',
    'disabled',
    'forced-open',
  ]);
  expect(room.transportMode).toBe('observe-only');
});
