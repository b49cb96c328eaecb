import type { TargetKey } from '../targets/keys.js';
import type { Hindrance } from '../targets/target.js';

/** One of several keys, as a call finds it. */
export interface KeyFound {
  readonly key: TargetKey;
  /** Whether it has not been refused in this call, and does not rest. */
  readonly isFree: boolean;
  /** Whether it was refused for good in this call. */
  readonly isDead: boolean;
  /** Milliseconds until it may be used: its rests, and want of room in its limits. */
  readonly waitMs: number;
  /** The part that is left of its limits, 0 to 1. */
  readonly fullness: number;
}

/**
 * The key to use: of those that may be used now the one with the most left in its limits, and among equals the one that was used the
 * longest ago; when none may be, the first that may be again.
 */
export function bestKey(found: readonly KeyFound[]): TargetKey | undefined {
  let best: KeyFound | undefined;
  for (const one of found) if (!best || isBetter(one, best)) best = one;
  return best?.key;
}

function isBetter(one: KeyFound, than: KeyFound): boolean {
  if (one.isFree !== than.isFree) return one.isFree;
  if (one.isDead !== than.isDead) return than.isDead;
  if (one.waitMs !== than.waitMs) return one.waitMs < than.waitMs;
  return one.fullness === than.fullness ? one.key.turn < than.key.turn : one.fullness > than.fullness;
}

/** What keeps a call from a target, with what keeps it from the key that it would use there. */
export function withKey(hindrance: Hindrance | undefined, key: TargetKey, now: number): Hindrance | undefined {
  const { quarantine, cooldown } = key;
  const leftMs = quarantine.leftMs(now);
  const isQuarantined = hindrance?.reason === 'quarantine';
  if (leftMs > (isQuarantined ? hindrance.leftMs : 0))
    return { reason: 'quarantine', leftMs, because: quarantine.reason };
  return withRest(hindrance, cooldown.leftMs(now));
}

/** The same with a rest of so many milliseconds. */
export function withRest(hindrance: Hindrance | undefined, leftMs: number): Hindrance | undefined {
  if (hindrance && hindrance.reason !== 'cooldown') return hindrance;
  return leftMs > (hindrance?.leftMs ?? 0) ? { reason: 'cooldown', leftMs } : hindrance;
}
