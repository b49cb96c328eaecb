import type { Random } from '../base/random.js';
import type { Acquired, Breaker, BreakerSnapshot, Mark, Transition } from './contract.js';
import { createInterval, type Interval } from './interval.js';
import type { ResolvedBreakerOptions } from './options.js';
import { ClosedPermit, ProbeLease, type Settlement } from './permits.js';
import type { Closed, HalfOpen, Lease, Open, State } from './states.js';
import { createTripper, type Tripper } from './trip.js';
import { TimeWindow, type WindowStats } from './windows.js';

type Options = Exclude<ResolvedBreakerOptions, false>;

/**
 * Closed, open, half-open. Every change is made in one synchronous step and comes back as a value.
 *
 * Invariant: a permit counts only while the state object that gave it is still the current one (after gobreaker's generations), so
 * no late result can close a breaker on a target that is still down, nor open one on a target that came back.
 */
export class StateMachine implements Breaker, Settlement {
  readonly #options: Options;
  readonly #trip: Tripper;
  readonly #interval: Interval;
  #state: State;

  constructor(options: Options, random: Random) {
    this.#options = options;
    this.#trip = createTripper(options);
    this.#interval = createInterval(options, random);
    this.#state = this.#closed(0, 0);
  }

  peek(now: number): 'ok' | 'probe' | 'rejected' {
    const state = this.#state;
    if (state.name === 'closed') return 'ok';
    if (state.name === 'open') return now >= state.until ? 'probe' : 'rejected';
    return this.#probesOut(state, now) < this.#options.probes ? 'probe' : 'rejected';
  }

  tryAcquire(now: number): Acquired | undefined {
    const state = this.#state;
    if (state.name === 'closed') return { permit: new ClosedPermit(this, state) };
    if (state.name === 'half-open') return this.#tryProbe(state, now);
    if (now < state.until) return undefined;
    const halfOpen: HalfOpen = { name: 'half-open', level: state.level, leases: [], successes: 0 };
    this.#state = halfOpen;
    const { level, stats } = state;
    const transition: Transition = { from: 'open', to: 'half-open', reason: 'the wait is over', level, stats };
    return { permit: this.#lend(halfOpen, now), transition };
  }

  retryAfterMs(now: number): number {
    const state = this.#state;
    if (state.name === 'open') return Math.max(0, Math.ceil(state.until - now));
    if (this.peek(now) !== 'rejected' || state.name === 'closed') return 0;
    // A clock that stepped back must not make anybody wait longer than a whole lease.
    let oldest = now;
    for (const lease of state.leases) if (!this.#overdue(lease, now)) oldest = Math.min(oldest, lease.issuedAt);
    const leftMs = Math.max(0, Math.ceil(oldest + this.#options.leaseMs - now));
    // A lease is the longest that a probe can take, for slow answers many minutes; it may be back any moment.
    return Math.min(leftMs, this.#options.openMs);
  }

  snapshot(now: number): BreakerSnapshot {
    const state = this.#state;
    const level = this.#levelOf(state, now);
    const stats = this.#statsOf(state, now);
    const open = state.name === 'open' && now < state.until;
    return {
      state: state.name === 'open' && !open ? 'half-open' : state.name,
      level,
      openForMs: open ? this.retryAfterMs(now) : 0,
      stats: state.name === 'open' && !open ? NO_CALLS : stats,
      probesOut: state.name === 'half-open' ? this.#probesOut(state, now) : 0,
    };
  }

  openFor(ms: number, now: number, reason: string): Transition | undefined {
    // Written so that NaN is refused too. The upper bound keeps snapshots JSON-able, which Infinity is not.
    if (!(ms > 0)) return undefined;
    const from = this.#state;
    const openForMs = Math.min(ms, Number.MAX_SAFE_INTEGER);
    const transition = this.#open({ from, level: this.#levelOf(from, now), openForMs, now, reason });
    return from.name === 'open' ? undefined : transition;
  }

  reset(now: number): Transition | undefined {
    const from = this.#state;
    const stats = this.#statsOf(from, now);
    // A closed breaker gets a new state too, so that calls under way no longer count.
    this.#state = this.#closed(0, now);
    return from.name === 'closed' ? undefined : { from: from.name, to: 'closed', reason: 'reset', level: 0, stats };
  }

  /** A success is judged like a failure: it may be the call that makes the window large enough. */
  settleClosed(era: Closed, mark: Mark, now: number): Transition | undefined {
    if (this.#state !== era || mark === 'ignored') return undefined;
    const failed = mark === 'failure';
    era.streak = failed ? era.streak + 1 : 0;
    era.window.record(failed, now);
    const reason = this.#trip(era.window, era.streak);
    if (reason === undefined) return undefined;
    const level = this.#levelOf(era, now);
    return this.#open({ from: era, level, openForMs: this.#interval.draw(level), now, reason });
  }

  /** An overdue probe has lost its say with its place, even while nobody has taken the place yet: polling must not decide. */
  settleProbe(era: HalfOpen, lease: Lease, { mark, now }: { mark: Mark; now: number }): Transition | undefined {
    if (this.#state !== era) return undefined;
    const overdue = this.#overdue(lease, now);
    const hadPlace = dropFrom(era, lease);
    if (mark === 'ignored' || (!lease.isReleased && (overdue || !hadPlace))) return undefined;
    if (mark === 'failure') {
      const level = this.#interval.next(era.level);
      return this.#open({
        from: era,
        level,
        openForMs: this.#interval.draw(level),
        now,
        reason: 'a probe failed',
        failures: 1,
      });
    }
    era.successes += 1;
    return era.successes >= this.#options.closeAfter ? this.#close(era, now) : undefined;
  }

  releaseProbe(era: HalfOpen, lease: Lease): void {
    dropFrom(era, lease);
  }

  /** Closing keeps the level: one good moment of a flapping target is no reason to ask it more often. */
  #close(from: HalfOpen, now: number): Transition {
    const stats = this.#statsOf(from, now);
    this.#state = this.#closed(from.level, now);
    const reason = `${from.successes} ${from.successes === 1 ? 'probe' : 'probes'} succeeded`;
    return { from: 'half-open', to: 'closed', reason, level: from.level, stats };
  }

  /** Opens from any state, an open one included, and tells what to announce. */
  #open(opening: Opening): Transition {
    const { from, level, openForMs, now, reason, failures = 0 } = opening;
    const before = this.#statsOf(from, now);
    const stats = failures === 0 ? before : { total: before.total + failures, failures: before.failures + failures };
    this.#state = { name: 'open', until: now + openForMs, level, stats } satisfies Open;
    return { from: from.name, to: 'open', reason, openForMs, level, stats };
  }

  /** A window of its own for each closed time: what led to the last opening has been paid for. */
  #closed(levelThen: number, since: number): Closed {
    return { name: 'closed', window: new TimeWindow(this.#options.windowMs), streak: 0, levelThen, since };
  }

  #tryProbe(state: HalfOpen, now: number): Acquired | undefined {
    if (this.#probesOut(state, now) >= this.#options.probes) return undefined;
    return { permit: this.#lend(state, now) };
  }

  /** Lends a place; the overdue are dropped now, since their places are the ones being lent. */
  #lend(state: HalfOpen, now: number): Lease {
    const lease = new ProbeLease(this, state, now);
    for (let i = state.leases.length - 1; i >= 0; i--)
      if (this.#overdue(state.leases[i], now)) state.leases.splice(i, 1);
    state.leases.push(lease);
    return lease;
  }

  /** Counts without dropping anything, so that `peek` and `snapshot` change nothing. */
  #probesOut(state: HalfOpen, now: number): number {
    let out = 0;
    for (const lease of state.leases) if (!this.#overdue(lease, now)) out += 1;
    return out;
  }

  #overdue(lease: Lease | undefined, now: number): boolean {
    return lease === undefined || now - lease.issuedAt >= this.#options.leaseMs;
  }

  /** The wait's growth; closed time takes one off per `levelDecayMs`, so a flapping target keeps its long waits for a while. */
  #levelOf(state: State, now: number): number {
    if (state.name !== 'closed') return state.level;
    const forgotten = Math.max(0, Math.floor((now - state.since) / this.#options.levelDecayMs));
    return Math.max(0, state.levelThen - forgotten);
  }

  #statsOf(state: State, now: number): WindowStats {
    if (state.name === 'closed') return state.window.read(now);
    return state.name === 'open' ? state.stats : { total: state.successes, failures: 0 };
  }
}

/** Takes a lease's place away; false when it had none any more. */
function dropFrom(era: HalfOpen, lease: Lease): boolean {
  const place = era.leases.indexOf(lease);
  if (place >= 0) era.leases.splice(place, 1);
  return place >= 0;
}

interface Opening {
  readonly from: State;
  readonly level: number;
  readonly openForMs: number;
  readonly now: number;
  readonly reason: string;
  /** Failed probes that no window has counted. */
  readonly failures?: number;
}

const NO_CALLS: WindowStats = Object.freeze({ total: 0, failures: 0 });
