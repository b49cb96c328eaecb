import { expect, test } from 'vitest';
import { EVENT_NAMES } from '../../../packages/core/src/events/events.js';
import { Announcer } from '../../../packages/core/src/flow/announce.js';
import { World } from './world.js';

/** An announcer in a world, and how many ids were asked for. */
function announcing(isHeard: boolean): { tell: () => void; world: World; ids: () => number } {
  const world = new World();
  const [from, to] = [world.target('a'), world.target('b')];
  if (!isHeard) world.engine.hub.clear();
  let ids = 0;
  const announcer = new Announcer({
    hub: world.engine.hub,
    counts: world.engine.counts,
    clock: world.clock,
    untold: world.engine.untold,
    nextRequestId: () => {
      ids += 1;
      return 'r-1';
    },
  });
  const tell = () => {
    announcer.skipped({ target: from, reason: 'breaker', leftMs: 10 });
    for (const what of ['sent', 'won', 'lost'] as const) announcer.hedge(what, { from, to, delayMs: 5 });
    announcer.hedgeDenied(from, 'budget');
  };
  return { tell, world, ids: () => ids };
}

// In an outage each call passes over every resting target: an id, a time and two objects were made for each, and thrown away.
test('a target that is passed over and a hedge cost nothing where nobody hears of them', () => {
  const { tell, world, ids } = announcing(false);
  expect(EVENT_NAMES.some((name) => world.engine.hub.hears(name))).toBe(false);
  tell();
  expect(ids()).toBe(0);
});

test('a target that is passed over and a hedge are told to whoever hears of them', () => {
  const { tell, world, ids } = announcing(true);
  tell();
  const hedges = ['hedge.sent', 'hedge.won', 'hedge.lost', 'hedge.denied'];
  expect(world.names).toEqual(['target.skipped', 'breaker.rejected', ...hedges]);
  expect(ids()).toBe(1);
});
