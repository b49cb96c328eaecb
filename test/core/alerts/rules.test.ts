import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { resolveAlerts } from '../../../packages/core/src/alerts/options.js';
import { Watch } from '../../../packages/core/src/alerts/watch.js';
import { Script } from '../flow/script.js';
import { calls, watched } from './watched.js';

const MINUTE = 60_000;
/** A breaker that opens at the first failure, for ten seconds, and asks for one good probe. */
const breaker = {
  failureStreak: 1,
  openMs: 10_000,
  maxOpenMs: 10_000,
  jitter: 0,
  slowStartMs: 0,
  closeAfter: 1,
} as const;
const retries = { maxAttempts: 1 };

describe('openings', () => {
  test('fires at the third within ten minutes, once, and is resolved when the breaker has been closed for five', async () => {
    const { world, told } = watched('a:500', { endpoints: 'a', breaker, retries });
    await calls(world, 1);
    await world.clock.advance(10_000);
    await calls(world, 1);
    expect(told()).not.toContain('openings firing');
    await world.clock.advance(10_000);
    await calls(world, 1);
    expect(world.of('alert').filter(({ rule }) => rule === 'openings')).toMatchObject([
      { rule: 'openings', state: 'firing', severity: 'warning', target: 'a/m', endpoint: 'a', model: 'm' },
    ]);
    // Three more in the same window are the same incident.
    for (let more = 0; more < 3; more += 1) {
      await world.clock.advance(10_000);
      await calls(world, 1);
    }
    expect(told().filter((one) => one.startsWith('openings'))).toEqual(['openings firing']);
    world.script = new Script('');
    await world.clock.advance(10_000);
    await calls(world, 1);
    await world.clock.advance(5 * MINUTE - 1);
    await calls(world, 1);
    expect(told()).not.toContain('openings resolved');
    await world.clock.advance(1_001);
    await calls(world, 1);
    const [fired, resolved] = world.of('alert').filter(({ rule }) => rule === 'openings');
    expect(resolved).toMatchObject({ state: 'resolved', incident: fired?.incident, since: fired?.since });
    expect(resolved?.text).toContain('has been closed for');
  });

  test('fires once in a window, also when it was resolved in between', async () => {
    const alerts = { openings: { quietMs: 1_000 }, allDown: false, errorRate: false } as const;
    const { world, told } = watched('', { endpoints: 'a', breaker, retries, alerts });
    const flap = async () => {
      world.script = new Script('a:500');
      await calls(world, 1);
      world.script = new Script('');
      await world.clock.advance(10_000);
      await calls(world, 1);
      await world.clock.advance(2_000);
      await calls(world, 1);
    };
    for (let times = 0; times < 30; times += 1) await flap();
    expect(told()).toEqual(['openings firing', 'openings resolved']);
    for (let times = 0; times < 25; times += 1) await flap();
    expect(told()).toHaveLength(4);
  });

  test('counts nothing that is older than the window', async () => {
    const { world, told } = watched('a:500', { endpoints: 'a', breaker, retries, alerts: { allDown: false } });
    for (let times = 0; times < 5; times += 1) {
      await calls(world, 1);
      await world.clock.advance(6 * MINUTE);
    }
    expect(told()).toEqual([]);
  });

  test('of the connections to an endpoint are told as that', async () => {
    const { world } = watched('a:connect', {
      endpoints: 'a',
      retries,
      breaker: { ...breaker, failureStreak: 50, minRequests: 50 },
      alerts: { openings: { atLeast: 1 }, errorRate: false, allDown: false },
    });
    await calls(world, 5);
    expect(world.of('alert')).toMatchObject([{ rule: 'openings', target: 'a/*' }]);
    expect(world.of('alert')[0]?.text).toContain('the connections to a');
  });
});

describe('the end of an incident', () => {
  // Only the client whose call moved a shared breaker announces it: the one that told of the incident never heard of its end.
  test('of a shared breaker is told when the breaker is closed, whichever client closed it', async () => {
    const clock = virtualClock();
    const parts = { endpoints: 'a', breaker, retries, clock, shareAs: 'openings of two clients' } as const;
    const alerts = { openings: { atLeast: 1 }, allDown: false, errorRate: false } as const;
    const { world, told } = watched('a:500', { ...parts, alerts });
    const other = watched('', parts);
    await calls(world, 1);
    expect(told()).toEqual(['openings firing']);
    await clock.advance(10_000);
    await calls(other.world, 1);
    world.script = new Script('');
    await clock.advance(5 * MINUTE - 1);
    await calls(world, 1);
    expect(told()).toEqual(['openings firing']);
    await clock.advance(1_001);
    await calls(world, 1);
    expect(told()).toEqual(['openings firing', 'openings resolved']);
  });

  // The breakers of made-up models opened and were forgotten with their models; their incidents filled all places, and that the budget was
  // spent was told to nobody.
  test('is told of a breaker that was forgotten, and no rule takes the places of another', async () => {
    const alerts = { openings: { atLeast: 1 }, allDown: false, errorRate: false } as const;
    const { world, watch, told } = watched('', { endpoints: 'a', breaker, alerts });
    const { hub } = world.engine;
    for (let model = 0; model < 120; model += 1) hub.emit('breaker.opened', openedAt(`made-up-${model}`));
    expect(told().length).toBeGreaterThanOrEqual(100);
    hub.emit('budget.exceeded', { at: world.clock.wall(), period: 'day', limitUSD: 1, spentUSD: 2 } as never);
    expect(told()).toContain('budget firing');
    expect(watch.report().alerts.map(({ rule }) => rule)).toEqual(['budget']);
  });

  // Two hundred other targets pushed out the record of a slow one, and with it whatever could have ended its incident.
  test('of late streams is told though their target has been pushed out of mind', async () => {
    const alerts = { firstToken: { p95Ms: 100, atLeast: 1 } } as const;
    const { world, watch, told } = watched('', { endpoints: 'a', alerts });
    const commit = (model: string, firstTokenMs: number) =>
      world.engine.hub.emit('stream.committed', {
        ...{ at: world.clock.wall(), target: `a/${model}`, endpoint: 'a', model, attempt: 1, firstTokenMs },
      } as never);
    commit('slow', 5_000);
    for (let model = 0; model < 250; model += 1) commit(`other-${model}`, 10);
    await world.clock.advance(60 * MINUTE);
    watch.report();
    expect(told()).toEqual(['firstToken firing', 'firstToken resolved']);
  });
});

const openedAt = (model: string) =>
  ({
    ...{ at: 0, scope: 'target', target: `a/${model}`, endpoint: 'a', model },
    ...{ from: 'closed', to: 'open', reason: 'a test', openForMs: 1_000, level: 1 },
  }) as never;

describe('allDown', () => {
  test('fires when the last target of a model goes down, and is resolved when one has been well for a minute', async () => {
    const { world, told } = watched('a:500 b:200 b:500', {
      breaker,
      retries: { maxAttempts: 2 },
      alerts: { openings: false },
    });
    await calls(world, 1);
    expect(told()).toEqual([]);
    await calls(world, 1);
    expect(world.of('alert')).toMatchObject([{ rule: 'allDown', state: 'firing', severity: 'critical', model: 'm' }]);
    expect(world.of('alert')[0]?.text).toBe(
      'Nobody can be asked for m: a/m is open (1 failure in a row) for 10 s, b/m is open (1 failure in a row) for 10 s.',
    );
    world.script = new Script('');
    await world.clock.advance(10_000);
    await calls(world, 1);
    expect(told()).toHaveLength(1);
    await world.clock.advance(MINUTE);
    await calls(world, 2, 1_000);
    await world.clock.advance(MINUTE);
    await calls(world, 1);
    expect(told()).toEqual(['allDown firing', 'allDown resolved']);
  });

  test('does not flap with a target that comes and goes', async () => {
    const alerts = { openings: false, errorRate: false } as const;
    const { world, told } = watched('', { endpoints: 'a', breaker, retries, alerts });
    for (let times = 0; times < 20; times += 1) {
      world.script = new Script('a:500');
      await calls(world, 1);
      world.script = new Script('');
      await world.clock.advance(15_000);
      await calls(world, 2, 5_000);
    }
    expect(told()).toEqual(['allDown firing']);
  });

  test('is not told of a short rest, nor of a model that nobody knows', async () => {
    const { world, told } = watched('a/m:429;after=2000 a/made-up:404', { endpoints: 'a', retries });
    await calls(world, 1);
    await calls(world, 1, 0, { model: 'made-up' });
    expect(told()).toEqual([]);
  });

  test('is told of every model of a key that was refused, and ends when the key is good again', async () => {
    const { world, told } = watched('a/m:200 a/n:200 a/m:401', { endpoints: 'a', retries, alerts: { quota: false } });
    await calls(world, 1);
    await calls(world, 1, 0, { model: 'n' });
    await calls(world, 1);
    expect(world.of('alert').map(({ model }) => model)).toEqual(['m', 'n']);
    world.script = new Script('');
    await world.clock.advance(5 * MINUTE);
    await calls(world, 3, MINUTE);
    expect(told()).toEqual(['allDown firing', 'allDown firing', 'allDown resolved', 'allDown resolved']);
  });
});

describe('quota', () => {
  const alerts = { allDown: false, errorRate: false } as const;

  test('fires for a key without money, and is resolved by an answer with it', async () => {
    const { world, told } = watched('a:402', { endpoints: 'a', retries, alerts });
    await calls(world, 1);
    expect(world.of('alert')).toMatchObject([{ rule: 'quota', state: 'firing', endpoint: 'a', key: 'a' }]);
    world.script = new Script('');
    await world.clock.advance(5 * MINUTE);
    await calls(world, 1);
    expect(told()).toEqual(['quota firing', 'quota resolved']);
    expect(world.of('alert')[1]?.text).toContain('is good again');
  });

  test('stays one incident while the key is refused again and again', async () => {
    const { world, told } = watched('a:402', { endpoints: 'a', retries, alerts });
    for (let times = 0; times < 4; times += 1) {
      await calls(world, 1);
      await world.clock.advance(12 * MINUTE);
    }
    expect(told().filter((one) => one.endsWith('firing'))).toHaveLength(1);
  });

  test('is over by itself when nobody uses the key for long after its quarantine', async () => {
    const { world, watch, told } = watched('a:402', { endpoints: 'a', retries, alerts });
    await calls(world, 1);
    await world.clock.advance(15 * MINUTE - 1);
    expect(watch.report().alerts).toHaveLength(1);
    await world.clock.advance(1);
    expect(watch.report().alerts).toHaveLength(0);
    expect(told()).toEqual(['quota firing', 'quota resolved']);
  });

  test('is not told of a key that was refused for something else', async () => {
    const { world, told } = watched('a:401', { endpoints: 'a', retries, alerts });
    await calls(world, 1);
    expect(told()).toEqual([]);
  });
});

describe('budget', () => {
  test('fires when it is spent, and is resolved by the next day', async () => {
    const price = { inputPerMillionUSD: 1, outputPerMillionUSD: 10 };
    const { world, told } = watched('a:200;in=1000000', {
      endpoints: 'a',
      prices: { m: price },
      budget: { perDayUSD: 1, onExceeded: 'event' },
    });
    await calls(world, 3);
    expect(told()).toEqual(['budget firing']);
    expect(world.of('alert')[0]?.text).toBe(
      'The budget of $1 a day is spent ($1); it begins anew in 24 h, at 00:00 UTC.',
    );
    world.script = new Script('');
    await world.clock.advance(24 * 60 * MINUTE);
    await calls(world, 1);
    expect(told()).toEqual(['budget firing', 'budget resolved']);
  });
});

describe('errorRate', () => {
  const alerts = { openings: false, allDown: false } as const;
  const calm = { failureStreak: 10_000, minRequests: 10_000, jitter: 0 } as const;
  const world = (script: string, more = {}) =>
    watched(script, { endpoints: 'a', breaker: calm, retries, alerts: { ...alerts, ...more } });

  test('fires at a tenth of twenty requests, and is resolved below half of that', async () => {
    const { world: here, told } = world('');
    await calls(here, 18, 1_000);
    here.script = new Script('a:500');
    await calls(here, 1);
    expect(told()).toEqual([]);
    await calls(here, 1);
    expect(here.of('alert')).toMatchObject([{ rule: 'errorRate', state: 'firing', severity: 'critical' }]);
    expect(here.of('alert')[0]?.text).toBe('2 of 20 requests failed within 5 min: that is 10 %.');
    here.script = new Script('');
    await calls(here, 20, 1_000);
    expect(told()).toEqual(['errorRate firing']);
    await calls(here, 2, 1_000);
    expect(told()).toEqual(['errorRate firing', 'errorRate resolved']);
  });

  test('does not flap where the rate goes up and down around the bound', async () => {
    const { world: here, told } = world('');
    for (let times = 0; times < 60; times += 1) {
      here.script = new Script(times % 2 === 0 ? 'a:500' : '');
      await calls(here, 1);
      here.script = new Script('');
      await calls(here, 4, 500);
    }
    expect(told()).toEqual(['errorRate firing']);
  });

  test("counts nothing that is the caller's own", async () => {
    const { world: here, told } = world('a:400');
    await calls(here, 100);
    expect(told()).toEqual([]);
  });

  test('counts the canned replies of lastResort', async () => {
    const { world: here, told } = world('a:500');
    await calls(here, 20, 0, { lastResort: () => Promise.resolve('sorry') });
    expect(told()).toEqual(['errorRate firing']);
  });

  // All streams of a provider broke off after their first words for an hour: each of them was an answered call, and nobody was told.
  test('counts a stream that breaks off after its first content as failed, and none twice', async () => {
    const { world: here, told } = world('a:stream');
    const streams = async (count: number, kind: 'ok' | 'stream_error_late' | 'caller_abort' | 'content_policy') => {
      for (let done = 0; done < count; done += 1) {
        await calls(here, 1, 0, { streamed: true });
        here.streams.pop()?.end({ kind });
        await here.clock.advance(1_000);
      }
    };
    await streams(10, 'caller_abort');
    await streams(8, 'content_policy');
    expect(told()).toEqual([]);
    await streams(2, 'stream_error_late');
    expect(told()).toEqual(['errorRate firing']);
    expect(here.of('alert')[0]?.text).toBe('2 of 20 requests failed within 5 min: that is 10 %.');
    await streams(22, 'ok');
    expect(told()).toEqual(['errorRate firing', 'errorRate resolved']);
  });

  // A rule that begins to count answers late must not take the failures before for all there was.
  test('counts only while somebody hears alerts, so that failures alone are no rate', async () => {
    const { world: here } = world('');
    const { hub } = here.engine;
    hub.clear();
    const watch = new Watch(here.engine, resolveAlerts(alerts));
    here.script = new Script('a:500');
    await calls(here, 30);
    const heard: string[] = [];
    hub.on('alert', ({ rule }) => heard.push(rule));
    here.script = new Script('');
    await calls(here, 30);
    here.script = new Script('a:500');
    await calls(here, 1);
    expect([heard, watch.report().alerts]).toEqual([[], []]);
    await calls(here, 3);
    expect(heard).toEqual(['errorRate']);
  });
});

describe('errorRate of a client whose alerts nobody hears for a while', () => {
  test('begins anew, because nobody knows what was answered meanwhile', async () => {
    const { world: here } = watched('', {
      endpoints: 'a',
      breaker: { failureStreak: 10_000, minRequests: 10_000 },
      retries,
      alerts: { openings: false, allDown: false },
    });
    const { hub } = here.engine;
    hub.clear();
    const watch = new Watch(here.engine, resolveAlerts({ openings: false, allDown: false }));
    const heard: string[] = [];
    const hear = () => hub.on('alert', ({ rule }) => heard.push(rule));
    const some = async (word: string, count: number) => {
      here.script = new Script(word);
      await calls(here, count);
    };
    const undo = hear();
    await some('', 10);
    await some('a:500', 3);
    undo();
    await some('', 100);
    hear();
    await some('', 6);
    await some('a:500', 1);
    expect([heard, watch.report().alerts]).toEqual([[], []]);
  });
});

describe('firstToken', () => {
  const alerts = { openings: false, allDown: false, errorRate: false, firstToken: { p95Ms: 1_000 } } as const;
  const stream = async (world: ReturnType<typeof watched>['world'], ms: number) => {
    world.script = new Script(`a:stream;takes=${ms}`);
    await calls(world, 1, 0, { streamed: true });
    world.streams.pop()?.end();
    await world.clock.advance(1_000);
  };

  test('fires where the p95 of a target is over the bound, and is resolved well below', async () => {
    const { world, told } = watched('', { endpoints: 'a', alerts });
    for (let times = 0; times < 19; times += 1) await stream(world, 1_500);
    expect(told()).toEqual([]);
    await stream(world, 1_500);
    expect(world.of('alert')).toMatchObject([{ rule: 'firstToken', state: 'firing', target: 'a/m' }]);
    for (let times = 0; times < 200; times += 1) await stream(world, 1_100);
    expect(told()).toEqual(['firstToken firing']);
    for (let times = 0; times < 300; times += 1) await stream(world, 100);
    expect(told()).toEqual(['firstToken firing', 'firstToken resolved']);
  });

  test('is off unless a bound is given', async () => {
    const { world, told } = watched('', { endpoints: 'a' });
    for (let times = 0; times < 30; times += 1) await stream(world, 20_000);
    expect(told()).toEqual([]);
  });
});

describe('rules', () => {
  test('can be changed and switched off, one by one and all together', async () => {
    const off = watched('a:500', { endpoints: 'a', breaker, retries, alerts: false });
    await calls(off.world, 100, 10_000);
    expect(off.told()).toEqual([]);
    const changed = watched('a:500', {
      endpoints: 'a',
      breaker,
      retries,
      alerts: { openings: { atLeast: 1, severity: 'critical' }, allDown: false, errorRate: false },
    });
    await calls(changed.world, 1);
    expect(changed.world.of('alert')).toMatchObject([{ rule: 'openings', severity: 'critical' }]);
  });

  test('of your own judge the events they name, with incidents like the others', async () => {
    const { world, told } = watched('a:401', {
      endpoints: 'a',
      retries,
      alerts: {
        allDown: false,
        rules: [
          {
            name: 'dead key',
            on: ['quarantine.started', 'quarantine.ended'],
            judge: ({ name, event }) => {
              if (name === 'quarantine.ended') return { state: 'resolved', subject: event.key ?? '', text: 'well' };
              if (name !== 'quarantine.started' || event.reason !== 'auth') return undefined;
              return { state: 'firing', subject: event.key ?? '', text: 'dead', key: event.key, severity: 'critical' };
            },
          },
        ],
      },
    });
    await calls(world, 1);
    world.script = new Script('');
    await world.clock.advance(5 * MINUTE);
    await calls(world, 1);
    expect(told()).toEqual(['dead key firing', 'dead key resolved']);
    expect(world.of('alert')[0]).toMatchObject({ key: 'a', severity: 'critical', text: 'dead' });
  });

  // An async judge gave back a promise, of which "undefined" was told as an alert, to every sink.
  test.each<[string, () => unknown, string]>([
    ['a promise', () => Promise.resolve(undefined), 'must answer at once'],
    ['a promise that rejects', () => Promise.reject(new Error('late')), 'must answer at once'],
    ['a state that is none', () => ({ state: 'bad', text: 'dead' }), "the state 'firing' or 'resolved'"],
    ['no text', () => ({ state: 'firing' }), 'and a text'],
    ['something else', () => true, 'must give a finding'],
  ])('of your own that give %s tell nobody but whoever hears of faults', async (_, judge, said) => {
    const rule = { name: 'mine', on: ['quarantine.started'], judge: judge as () => undefined } as const;
    const { world } = watched('a:401', { endpoints: 'a', retries, alerts: { allDown: false, rules: [rule] } });
    await calls(world, 1);
    expect(world.of('alert')).toEqual([]);
    expect(world.of('listener.failed')).toMatchObject([{ event: 'quarantine.started' }]);
    expect(world.of('listener.failed')[0]?.message).toContain(said);
  });

  test('of your own that throw change nothing, and are reported as listeners are', async () => {
    const judge = () => {
      throw new Error('oh');
    };
    const { world } = watched('a:401', {
      endpoints: 'a',
      retries,
      alerts: { rules: [{ name: 'bad', on: ['quarantine.started'], judge }] },
    });
    await calls(world, 1);
    expect(world.of('listener.failed')).toMatchObject([{ event: 'quarantine.started', message: 'oh' }]);
    expect(world.of('alert')).toMatchObject([{ rule: 'allDown' }]);
  });
});
