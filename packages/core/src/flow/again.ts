import type { Random } from '../base/random.js';
import type { ResolvedLimits } from '../limits/options.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import type { Pace } from '../retries/pace.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';
import type { Resting } from './exhausted.js';
import type { Obstacles } from './obstacles.js';
import type { Occasion, Tried } from './tried.js';

/** How a call stands: the part of its plan that says whether, and when, a target can be asked once more. */
export interface Standing {
  readonly call: Call<unknown>;
  readonly source: {
    readonly random: Random;
    readonly retries: ResolvedRetryOptions;
    readonly limits: ResolvedLimits;
  };
  readonly obstacles: Obstacles;
  /** Whether there is nowhere else to go than to one target. */
  readonly isAlone: boolean;
  /** The pauses of a call with nobody untried left. */
  readonly pace: Pace;
  /** What is remembered of a target that failed in this call. */
  triedOf(target: Target): Tried | undefined;
  /** Whether its credential was refused in this call. */
  isDead(target: Target): boolean;
  hindrance(target: Target, now: number): Hindrance | undefined;
}

/** Milliseconds until a target can be asked again, or for the first time after its rest; undefined when it is not to be waited for. */
export function repeatInMs(
  standing: Standing,
  target: Target,
  { now, occasion }: { now: number; occasion: Occasion },
): number | undefined {
  const tried = standing.triedOf(target);
  if (standing.isDead(target) || (tried && !tried.mayRepeat(occasion, standing.call.maxRetries))) return undefined;
  const hindrance = standing.hindrance(target, now);
  if (hindrance?.reason === 'limit') return roomInMs(standing, hindrance.leftMs, { tried, now, occasion });
  // The quarantine that holds a lone target back is one whose end the provider named: as good as a cooldown.
  const hasEnd = hindrance?.reason === 'cooldown' || (hindrance?.reason === 'quarantine' && standing.isAlone);
  if (hindrance && !hasEnd) return undefined;
  if (!tried && occasion !== 'nothing else' && !standing.obstacles.cooldownAt(target, now).worthWaiting)
    return undefined;
  const toldMs = (tried?.askedUntil ?? now) - now;
  const restMs =
    hindrance?.reason === 'cooldown'
      ? standing.obstacles.cooldownAt(target, now).askedLeftMs(now)
      : (hindrance?.leftMs ?? 0);
  const pauseMs = tried ? pauseInMs(standing, tried, { now, occasion }) : 0;
  // Dice must not decide whether a rest is waited for, nor, with nothing else left, how often a target is repeated.
  const countedMs = Math.max(toldMs, restMs, occasion === 'nothing else' ? 0 : pauseMs);
  if (countedMs > longestMs(standing)) return undefined;
  return Math.max(toldMs, hindrance?.leftMs ?? 0, pauseMs);
}

/** A wait for room of which nobody knows how long it is, taken for about a second when it is compared with others. */
const UNKNOWN_MS = 1_000;
const TICK_MS = 1;

/** How much longer a call waits for room, in milliseconds: while there may be somebody else to ask, as for any short rest. */
export function roomLeftMs({ source, obstacles }: Pick<Standing, 'source' | 'obstacles'>, isLast: boolean): number {
  const { retries, limits } = source;
  const longestMs = isLast ? limits.maxWaitMs : Math.min(limits.maxWaitMs, retries.maxWaitMs);
  const leftMs = longestMs - obstacles.waitedMs;
  // Less than a tick is none: sums of parts of milliseconds need not come out at the whole.
  return leftMs < TICK_MS ? 0 : leftMs;
}

/** Milliseconds until there is room, and the target may be asked besides; undefined when that is not to be waited for. */
function roomInMs(
  standing: Standing,
  leftMs: number,
  { tried, now, occasion }: { tried: Tried | undefined; now: number; occasion: Occasion },
): number | undefined {
  const longestRoomMs = roomLeftMs(standing, standing.isAlone || occasion === 'nothing else');
  // What nobody knows the length of is waited for as long as there is any patience left.
  const roomMs = leftMs < Number.MAX_SAFE_INTEGER ? leftMs : Math.min(UNKNOWN_MS, longestRoomMs);
  if (longestRoomMs === 0 || roomMs > longestRoomMs) return undefined;
  const toldMs = (tried?.askedUntil ?? now) - now;
  return Math.max(roomMs, toldMs, tried ? pauseInMs(standing, tried, { now, occasion }) : 0);
}

/** A target as it rests while everybody does; undefined when this call may not ask it any more. */
export function restOf(standing: Standing, target: Target, now: number): Resting | undefined {
  const tried = standing.triedOf(target);
  if (standing.isDead(target) || tried?.mayRepeat('all rest', standing.call.maxRetries) === false) return undefined;
  const cooldown = standing.obstacles.cooldownAt(target, now);
  const toldMs = Math.max(
    standing.obstacles.quarantineOf(target, now).askedLeftMs(now),
    (tried?.askedUntil ?? now) - now,
  );
  // What nobody named is no reason to leave the only one alone.
  const isBound = !standing.isAlone || cooldown.namedLeftMs(now) > 0;
  const cooldownMs = isBound ? cooldown.leftMs(now) : 0;
  return {
    target,
    isUntried: tried === undefined,
    isRefused: standing.hindrance(target, now)?.reason === 'quarantine',
    pauseMs: tried ? pauseInMs(standing, tried, { now, occasion: 'all rest' }) : 0,
    restMs: Math.max(toldMs, cooldownMs),
    countedMs: Math.max(toldMs, isBound ? cooldown.askedLeftMs(now) : 0),
  };
}

/**
 * The longest rest that is waited for. With nowhere else to go the official client waits for up to a minute, and so does this one unless
 * it was told another limit, or wants no repeats: who does not want to wait for its own answer need not for that of others.
 */
export function longestMs({ isAlone, source, call }: Standing): number {
  return isAlone && call.maxRetries > 0 ? source.retries.maxLoneWaitMs : source.retries.maxWaitMs;
}

/**
 * The pause before the same target is asked again. While there is somebody else to go on to it may be short; with nobody left it is the
 * official client's, and what the provider asked for stands in its place.
 */
function pauseInMs(
  { isAlone, source, pace }: Standing,
  tried: Tried,
  { now, occasion }: { now: number; occasion: Occasion },
): number {
  const isLast = isAlone || occasion === 'nothing else' || occasion === 'all rest';
  if (!isLast) return tried.backoffLeftMs(now, source.random);
  return tried.askedUntil === undefined ? pace.leftMs(now, { isAlone, random: source.random }) : 0;
}
