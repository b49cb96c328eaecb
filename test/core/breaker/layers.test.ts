import { describe, expect, test } from 'vitest';
import { layered } from '../../../packages/core/src/breaker/layers.js';
import { resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { presets } from '../../../packages/core/src/breaker/presets.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';

describe('options over options', () => {
  test('replace what they name and keep the rest', () => {
    expect(layered({ openMs: 1, probes: 2 }, { probes: 3 })).toEqual({ openMs: 1, probes: 3 });
    expect(layered(undefined, { probes: 3 })).toEqual({ probes: 3 });
  });

  // An option that was spread from a settings object as undefined used to hide the one below it.
  test('do not count what is undefined as given', () => {
    expect(layered({ openMs: 1 }, { openMs: undefined } as object)).toEqual({ openMs: 1 });
  });

  test('that are whole sets replace everything: false, a preset, the classic names', () => {
    const below = { openMs: 1 };
    for (const above of [false, 'classic', 'fluxgate', { timeout: 7 }] as const)
      expect(layered(below, above)).toBe(above);
  });

  test('over none at all stand alone', () => {
    expect(layered(false, { probes: 3 })).toEqual({ probes: 3 });
  });

  // One number for one model, and it had the adaptive breaker's others: a rate, growing waits and five seconds in place of twenty.
  test('over the classic set change its numbers, whichever names they are given in', () => {
    const given = { failureThreshold: 3, timeout: 20_000 };
    const numbers = {
      failureStreak: 3,
      failureRate: false,
      openMs: 20_000,
      openMultiplier: 1,
      maxOpenMs: 20_000,
      jitter: 0,
      slowStartMs: 0,
      probes: 3,
    };
    expect(layered(given, { closeAfter: 5 })).toEqual({ ...numbers, closeAfter: 5 });
    expect(resolveBreakerOptions(layered('classic', {}))).toEqual(resolveBreakerOptions('classic'));
    expect(resolveBreakerOptions(layered(given, { openMs: 30_000 }))).toMatchObject({
      openMs: 30_000,
      maxOpenMs: 30_000,
    });
    expect(layered(given, { tripper: trippers.failureStreak(1) })).not.toHaveProperty('failureStreak');
  });

  test('over a preset with names of ours change it', () => {
    expect(layered('fluxgate', { closeAfter: 2 })).toEqual({ ...presets.fluxgate, closeAfter: 2 });
  });

  test('with a part of their own drop the numbers that it replaces, and the other way round', () => {
    const tripper = trippers.failureStreak(1);
    expect(layered({ failureStreak: 3, slowMs: 9, openMs: 1 }, { tripper })).toEqual({ openMs: 1, tripper });
    expect(layered({ tripper, openMs: 1 }, { failureStreak: 3 })).toEqual({ openMs: 1, failureStreak: 3 });
    const own = recovery.always();
    expect(layered({ jitter: 0, openMultiplier: 3, openMs: 7 }, { recovery: own })).toEqual({ recovery: own });
  });

  // An endpoint asked for waits of ten seconds and waited for the minute of the preset.
  test('with a first wait of their own drop the recovery below them', () => {
    const merged = resolveBreakerOptions(layered('fluxgate', { openMs: 10_000 }));
    expect(merged).toMatchObject({ openMs: 10_000, maxOpenMs: 30_000, closeAfter: 10 });
    expect(merged).not.toHaveProperty('recovery');
  });

  // A model with a longer first wait than the client's longest made the options contradict each other.
  test('with a longer first wait push the longest wait below them', () => {
    expect(layered({ openMs: 10, maxOpenMs: 20 }, { openMs: 50 })).toEqual({ openMs: 50 });
    for (const openMs of [15, 20]) expect(layered({ maxOpenMs: 20 }, { openMs })).toEqual({ openMs, maxOpenMs: 20 });
    expect(layered({ maxOpenMs: 20 }, { openMs: 50, maxOpenMs: 60 })).toEqual({ openMs: 50, maxOpenMs: 60 });
  });
});
