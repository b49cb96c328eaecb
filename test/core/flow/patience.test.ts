import { describe, expect, test } from 'vitest';
import type { Call } from '../../../packages/core/src/flow/call.js';
import { World, type WorldOptions } from './world.js';

const streamed: Partial<Call<string>> = { streamed: true, timeoutMs: 600_000 };

/** A world of which the first target has begun so many streams, each after so long, and then does something else. */
async function knownBy(
  count: number,
  takes: number,
  { last = 'hang', ...more }: WorldOptions & { last?: string } = {},
) {
  const script = `${`a:stream;takes=${takes} `.repeat(count)}a:${last}`;
  const world = new World({ script, ...more });
  for (let at = 0; at < count; at += 1) {
    await world.run(streamed);
    world.streams.at(-1)?.end();
    await world.clock.advance(1);
  }
  return world;
}

/** How long a call was kept waiting by its first target; and how it went. */
async function waited(world: World, more: Partial<Call<string>> = {}) {
  const startedAt = world.clock.now();
  const trail = await world.trail({ ...streamed, ...more });
  return { trail, ms: world.clock.now() - startedAt };
}

const LEFT = 'a:attempt_timeout b:ok';

describe('a stream that shows nothing is left', () => {
  test('after five seconds, where its target is quick', async () => {
    const world = await knownBy(60, 100);
    expect(await waited(world)).toEqual({ trail: LEFT, ms: 5_000 });
    expect(world.of('attempt.failed').at(-1)?.message).toBe(
      'no first token within 5 s (by what its answers took lately)',
    );
  });

  test('after four times what nearly all of its target’s streams took', async () => {
    const { trail, ms } = await waited(await knownBy(60, 4_000));
    expect(trail).toBe(LEFT);
    // A histogram tells a quantile within a few hundredths.
    expect(ms / 16_000).toBeGreaterThan(0.95);
    expect(ms / 16_000).toBeLessThan(1.05);
  });

  test.each<[string, number, Partial<Call<string>>, number]>([
    ['half of what is left, where too few are known', 49, {}, 300_000],
    ['as the caller says', 60, { clocks: { firstTokenMs: 2_000 } }, 2_000],
    ['as the caller says of the whole attempt', 60, { clocks: { attemptMs: 20_000 } }, 20_000],
    ['half of what is left, where that is less', 60, { timeoutMs: 6_000 }, 3_000],
    ['half of what is left, where it is no stream', 60, { streamed: false }, 300_000],
  ])('after %s', async (_after, count, more, ms) => {
    expect(await waited(await knownBy(count, 100), more)).toEqual({ trail: LEFT, ms });
  });

  test('never where there is nowhere else to go', async () => {
    const world = await knownBy(60, 100, { endpoints: 'a', last: 'stream;takes=90000' });
    expect(await waited(world)).toEqual({ trail: 'a:ok', ms: 90_000 });
  });

  test('later once it has been left like that, so that who has become slow is waited for again', async () => {
    const world = await knownBy(60, 100);
    await waited(world);
    await world.clock.advance(4_000);
    // A call that comes now is one that the target is tried with, which has a limit of its own.
    const { meter } = world.target('a');
    expect(4 * (meter.slowMs(true, 0.99, world.clock.now()) ?? 0)).toBeGreaterThan(15_000);
  });
});
