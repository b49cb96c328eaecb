import { describe, expect, test } from 'vitest';
import { nothingSpent } from '../../../packages/core/src/spending/ledger.js';
import { World } from '../flow/world.js';

const spent = nothingSpent();

describe('the counts', () => {
  test('of nothing are nothing', () => {
    expect(new World().engine.stats()).toEqual({
      requests: { started: 0, succeeded: 0, failed: 0, inFlight: 0 },
      attempts: 0,
      retries: 0,
      failovers: 0,
      fallbackRate: 0,
      lastResorts: 0,
      rescues: 0,
      currentTarget: undefined,
      targets: {},
      spent,
      tags: {},
    });
  });

  test('of a busy hour', async () => {
    const world = new World({ endpoints: 'a b', script: 'a:503;after=60000 a:200 b:500 b:200' });
    await world.run();
    await world.run();
    world.script = new World({ script: '*:400' }).script;
    await world.run();
    expect(world.engine.stats()).toEqual({
      requests: { started: 3, succeeded: 2, failed: 1, inFlight: 0 },
      attempts: 5,
      retries: 1,
      failovers: 1,
      fallbackRate: 1,
      lastResorts: 0,
      rescues: 0,
      currentTarget: 'b/m',
      targets: {
        'a/m': { attempts: 1, succeeded: 0, failed: 1, abandoned: 0, inFlight: 0, failedBy: { overloaded: 1 }, spent },
        'b/m': {
          attempts: 4,
          succeeded: 2,
          failed: 2,
          abandoned: 0,
          inFlight: 0,
          failedBy: { server_error: 1, caller_error: 1 },
          spent,
        },
      },
      spent,
      tags: {},
    });
  });

  test('hold a stream in flight until it has ended', async () => {
    const world = new World({ script: 'a:stream' });
    await world.run({ streamed: true });
    expect(world.engine.stats()).toMatchObject({ requests: { inFlight: 0 }, targets: { 'a/m': { inFlight: 1 } } });
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(world.engine.stats().targets['a/m']).toMatchObject({ inFlight: 0, succeeded: 1 });
  });

  test('count what the last resort answered', async () => {
    const world = new World({ script: '*:401' });
    await world.run({ lastResort: async () => 'canned' });
    expect(world.engine.stats()).toMatchObject({
      lastResorts: 1,
      rescues: 0,
      fallbackRate: 1,
      currentTarget: 'lastResort',
    });
  });

  test('are a copy, which turns into JSON as it is', async () => {
    const world = new World({ script: 'a:500' });
    await world.run();
    const before = world.engine.stats();
    const text = JSON.stringify(before);
    await world.run();
    expect(JSON.stringify(before)).toBe(text);
    expect(JSON.parse(text)).toEqual(before);
  });
});
