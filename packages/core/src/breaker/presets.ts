import { permits } from './permits.js';
import { recovery } from './recovery.js';
import { trippers } from './trippers.js';
import { countWindow } from './windows.js';

/** What the names stand for. `classic` has option names of its own, and stands here for its place among them. */
export const presets = Object.freeze({
  /** The defaults: a streak or a rate opens, waits grow and shrink. */
  adaptive: {},
  /** The textbook's: see ClassicBreakerOptions. */
  classic: {},
  /** Fluxgate's: half of the last hundred calls, a minute's rest, and a growing share of calls while half-open. */
  fluxgate: {
    window: countWindow(100),
    tripper: trippers.minRequests(100).and(trippers.failureRate(0.5)),
    recovery: recovery.cooldown({ ms: 60_000 }),
    permits: permits.rampUp({ durationMs: 60_000 }),
    closeAfter: 10,
    slowStartMs: 0,
  },
});

/** The names of the sets of options. */
export type Preset = keyof typeof presets;
