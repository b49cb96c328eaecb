import { describe, expect, test } from 'vitest';
import { City } from './city.js';

/** Found failures stay here for good, each with its story. */
const SEEDS = [1, 2, 3, 5, 8, 13];

describe('four minutes of traffic, two of them stormy', () => {
  test.each(SEEDS)('seed %i: no rule is broken, and once the weather clears everything is used again', async (seed) => {
    const city = new City(seed);
    const { asked, fair, fairAnswered, late, lateAsked, broken } = await city.live();
    const story = `seed ${seed}: ${city.spells.map((one) => `${one.endpoint} ${one.kind}`).join(', ')}`;
    expect(broken, story).toEqual([]);
    expect(asked, story).toBeGreaterThan(600);
    // Nobody is lost who could have been served.
    expect(fair, story).toBeGreaterThan(100);
    expect(fairAnswered, story).toBe(fair);
    // Liveness: a minute after the last outage nothing fails, nothing is closed off, and the first choice is back.
    const lateAnswered = [...late.values()].reduce((sum, count) => sum + count, 0);
    expect(lateAnswered, story).toBe(lateAsked);
    for (const target of ['seoul/m', 'tokyo/m', 'oregon/m'])
      expect(late.get(target), `${target}, ${story}`).toBeGreaterThan(0);
    const used = city.engine.status().targets.filter(({ model }) => model === 'm');
    // Who has refused calls for their rate may still be given them one after the other.
    for (const { state, breaker } of used)
      expect(`${state} ${breaker.state}`, story).toMatch(/^(?:ready|limited) closed$/);
    expect(used, story).toHaveLength(3);
  });

  test('the same seed makes the same day', async () => {
    const [first, second] = [new City(21), new City(21)];
    await first.live();
    await second.live();
    expect(JSON.stringify(second.engine.stats())).toBe(JSON.stringify(first.engine.stats()));
  });
});
