import type { BreakerSnapshot, Transition } from './contract.js';
import { probesOut } from './probes.js';
import { modeOf, nameOf, reasonOf, type State } from './states.js';
import { leftMs } from './waits.js';
import { Sums, statsOf, type WindowStats } from './windows.js';

/** The counts of a state that counts nothing. */
export const NO_CALLS: WindowStats = Object.freeze(statsOf(new Sums()));

/** What a restored breaker has of its opening, of which nothing else is remembered. */
export const RESTORED = Object.freeze({ reason: 'open as a snapshot has it', stats: NO_CALLS });

/** What a state is read with. */
export interface Reading {
  readonly now: number;
  readonly leaseMs: number;
  readonly levelDecayMs: number;
}

/** The wait's growth; closed time takes one off per `levelDecayMs`, so a flapping target keeps its long waits for a while. */
export function levelOf(state: State, { now, levelDecayMs }: Omit<Reading, 'leaseMs'>): number {
  if (state.state === 'open' || state.state === 'half-open') return state.level;
  if (state.state !== 'closed') return 0;
  const forgotten = Math.max(0, Math.floor((now - state.since) / levelDecayMs));
  return Math.max(0, state.levelThen - forgotten);
}

/** The calls that a state has counted, without those that have become too old. */
export function callsOf(state: State, now: number): WindowStats {
  if (state.state === 'open') return state.stats;
  if (state.state === 'disabled' || state.state === 'forced-open') return NO_CALLS;
  if (state.state === 'closed') state.stats.forget(now);
  return statsOf(state.stats);
}

/** How a breaker stands; one whose wait is over reads as half-open since then, with no probe settled yet. */
export function snapshotOf(state: State, reading: Reading): BreakerSnapshot {
  const { now, leaseMs } = reading;
  const isOpen = state.state === 'open';
  const isOver = isOpen && now >= state.until;
  return {
    state: isOver ? 'half-open' : nameOf(state),
    mode: modeOf(state),
    level: levelOf(state, reading),
    openForMs: isOpen ? leftMs(state.until, now) : 0,
    sinceMs: Math.max(0, now - (isOver ? state.until : state.since)),
    reason: isOver ? undefined : reasonOf(state),
    stats: isOver ? NO_CALLS : callsOf(state, now),
    probesOut: state.state === 'half-open' ? probesOut(state, now, leaseMs) : 0,
  };
}

/** What there is to tell when a state is left, before it is known how long the next one lasts. */
export function leaving(
  state: State,
  told: Pick<Transition, 'to' | 'reason' | 'level'> & { readonly now: number },
): Transition {
  const { to, reason, level, now } = told;
  return { what: 'state', from: nameOf(state), to, mode: modeOf(state), reason, level, stats: callsOf(state, now) };
}

/** The first share of a target that came back. */
const LEAST_SHARE = 0.1;

/** The share of its calls that a target should get: all of them, or a growing part for so long after probes have closed its breaker. */
export function shareOf(state: State, now: number, slowStartMs: number): number {
  if (state.state !== 'closed' || !state.isRecovered || slowStartMs === 0) return 1;
  return Math.min(1, Math.max(LEAST_SHARE, (now - state.since) / slowStartMs));
}
