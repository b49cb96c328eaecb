import type { Random } from '../base/random.js';
import type { Breaker, BreakerMemory, BreakerMode, BreakerSnapshot, Permit, Transition } from './contract.js';
import { ClosedPermit, FREE, ProbeLease, type Settlement } from './leases.js';
import { dropFrom, dropOverdue, isOverdue, oldestLeftMs, probesOut } from './probes.js';
import { leaving, leftMs, levelOf, NO_CALLS, snapshotOf } from './readings.js';
import type { BreakerRules } from './rules.js';
import { type Closed, type HalfOpen, type Lease, modeOf, nameOf, type Open, type State } from './states.js';
import { Sums } from './windows.js';

/** While dice decide about probes, one is let through whenever none was for so long. */
const LONGEST_IDLE_MS = 1_000;

/**
 * Closed, open, half-open. Every change is made in one synchronous step and comes back as a value.
 *
 * Invariant: a permit counts only while the state object that gave it is still the current one (after gobreaker's generations), so
 * no late result can close a breaker on a target that is still down, nor open one on a target that came back.
 */
export class StateMachine implements Breaker, Settlement {
  readonly #rules: BreakerRules;
  readonly #random: Random;
  #state: State;

  constructor(rules: BreakerRules, random: Random) {
    this.#rules = rules;
    this.#random = random;
    this.#state = this.#closed(0, 0);
    this.setMode(rules.mode, 0);
  }

  peek(now: number): 'ok' | 'probe' | 'rejected' {
    const current = this.#state;
    if (current.state === 'closed' || current.state === 'disabled') return 'ok';
    if (current.state === 'forced-open') return 'rejected';
    if (current.state === 'open') return now >= current.until ? 'probe' : 'rejected';
    return probesOut(current, now, this.#rules.leaseMs) < this.#rules.permits.most ? 'probe' : 'rejected';
  }

  tryAcquire(now: number): Permit | undefined {
    const current = this.#state;
    if (current.state === 'closed') return new ClosedPermit(this, current, now);
    if (current.state === 'half-open') return this.#tryProbe(current, now);
    if (current.state === 'disabled') return FREE;
    if (current.state === 'forced-open' || now < current.until) return undefined;
    const told = { to: 'half-open', reason: 'the wait is over', level: current.level, now } as const;
    return this.#lend(this.#halfOpen(current, now), now, leaving(current, told));
  }

  retryAfterMs(now: number): number {
    const current = this.#state;
    if (current.state === 'forced-open') return Number.MAX_SAFE_INTEGER;
    if (current.state === 'open') return leftMs(current.until, now);
    if (current.state !== 'half-open' || this.peek(now) !== 'rejected') return 0;
    // A lease is the longest that a probe can take, for slow answers many minutes; it may be back any moment.
    return Math.min(oldestLeftMs(current, now, this.#rules.leaseMs), this.#rules.lookAgainMs);
  }

  snapshot(now: number): BreakerSnapshot {
    const { leaseMs, levelDecayMs } = this.#rules;
    return snapshotOf(this.#state, { now, leaseMs, levelDecayMs });
  }

  openFor(ms: number, now: number, reason: string): Transition | undefined {
    const from = this.#state;
    // Written so that NaN is refused too. A mode set by hand is not overruled by a wait: who observes refuses nobody.
    if (!(ms > 0) || from.state === 'disabled' || from.state === 'forced-open' || modeOf(from) !== 'auto')
      return undefined;
    const transition = this.#open(from, { level: this.#levelOf(from, now), forMs: ms, now, reason });
    return from.state === 'open' ? undefined : transition;
  }

  reset(now: number, reason = 'reset'): Transition | undefined {
    const from = this.#state;
    // A closed breaker gets a new state too, so that calls under way no longer count. What is fixed stays so.
    if (from.state === 'disabled' || from.state === 'forced-open') return undefined;
    const transition = leaving(from, { to: 'closed', reason, level: 0, now });
    this.#state = this.#closed(0, now, modeOf(from) === 'observe-only');
    return from.state === 'closed' ? undefined : transition;
  }

  setMode(mode: BreakerMode, now: number): Transition | undefined {
    const from = this.#state;
    const before = modeOf(from);
    if (mode === before) return undefined;
    const isFixed = mode === 'disabled' || mode === 'forced-open';
    const next: State = isFixed ? { state: mode, since: now } : this.#closed(0, now, mode === 'observe-only');
    const told = leaving(from, { to: nameOf(next), reason: `${before} before`, level: 0, now });
    this.#state = next;
    return { ...told, what: 'mode', mode };
  }

  nudge(now: number): void {
    const current = this.#state;
    if (current.state === 'open' && current.until > now) current.until = now;
  }

  restore({ state, mode, level: levelThen, openForMs }: BreakerMemory, now: number): void {
    // A memory comes from outside, as JSON perhaps: what is no number must not keep a breaker open for ever.
    const level = levelThen > 0 ? levelThen : 0;
    const until = now + (openForMs > 0 ? openForMs : 0);
    if (mode === 'disabled' || mode === 'forced-open') this.#state = { state: mode, since: now };
    else if (state === 'closed' || mode === 'observe-only') {
      this.#state = this.#closed(level, now, mode === 'observe-only');
    } else this.#state = { state: 'open', until, level, since: now, stats: NO_CALLS };
  }

  /** A success is judged like a failure: it may be the call that makes the window large enough. */
  settleClosed(era: Closed, permit: ClosedPermit, now: number): Transition | undefined {
    const { mark, result, issuedAt } = permit;
    if (this.#state !== era || mark === 'ignored') return undefined;
    const hasFailed = mark === 'failure';
    era.streak = hasFailed ? era.streak + 1 : 0;
    era.stats.record(hasFailed, result?.durationMs ?? now - issuedAt, now);
    if (this.#rules.tripper.ask(era) !== 'trip') {
      era.hasCrossed = false;
      return undefined;
    }
    if (era.observes) return this.#wouldOpen(era, now);
    return this.#openBy(era, { level: this.#levelOf(era, now), retryAfterMs: result?.retryAfterMs, now });
  }

  /** An overdue probe has lost its say with its place, even while nobody has taken the place yet: polling must not decide. */
  settleProbe(era: HalfOpen, lease: ProbeLease, now: number): Transition | undefined {
    const { mark, result, issuedAt, isReleased } = lease;
    if (this.#state !== era) return undefined;
    const isLate = isOverdue(lease, now, this.#rules.leaseMs);
    const hadPlace = dropFrom(era, lease);
    if (mark === 'ignored' || (!isReleased && (isLate || !hadPlace))) return undefined;
    const hasFailed = mark === 'failure';
    era.stats.record(hasFailed, result?.durationMs ?? now - issuedAt);
    era.streak = hasFailed ? era.streak + 1 : 0;
    if (!hasFailed) era.successes += 1;
    const { tripper, recovery, closeAfter } = this.#rules;
    if (tripper.rulesHalfOpen ? tripper.ask(era) === 'trip' : hasFailed) {
      return this.#openBy(era, { level: recovery.next(era.level), retryAfterMs: result?.retryAfterMs, now });
    }
    return era.successes >= closeAfter ? this.#close(era, now) : undefined;
  }

  releaseProbe(era: HalfOpen, lease: Lease): void {
    dropFrom(era, lease);
  }

  /** Closing keeps the level: one good moment of a flapping target is no reason to ask it more often. */
  #close(from: HalfOpen, now: number): Transition {
    const reason = `${from.successes} ${from.successes === 1 ? 'probe' : 'probes'} succeeded`;
    const transition = leaving(from, { to: 'closed', reason, level: from.level, now });
    this.#state = this.#closed(from.level, now);
    return transition;
  }

  /** Opens because calls failed: for as long as the recovery says, and never for less than the provider asked for. */
  #openBy(from: Closed | HalfOpen, { level, retryAfterMs, now }: Cause): Transition {
    const { tripper, recovery } = this.#rules;
    const isProbe = from.state === 'half-open' && !tripper.rulesHalfOpen;
    const reason = isProbe ? 'a probe failed' : tripper.because(from);
    const ownMs = recovery.openForMs({ level, reason, retryAfterMs }, this.#random);
    // NaN is left out: a wait of NaN would never be over.
    const waits = [ownMs, retryAfterMs ?? 0].filter((ms) => ms > 0);
    return this.#open(from, { level, forMs: Math.max(0, ...waits), now, reason });
  }

  /** Opens from any state, an open one included, and tells what to announce. */
  #open(from: Exclude<State, { state: 'disabled' }>, { level, forMs, now, reason }: Wait): Transition {
    // The upper bound keeps snapshots JSON-able, which Infinity is not.
    const openForMs = Math.min(forMs, Number.MAX_SAFE_INTEGER);
    const transition = { ...leaving(from, { to: 'open', reason, level, now }), openForMs };
    this.#state = { state: 'open', until: now + openForMs, level, since: now, stats: transition.stats };
    return transition;
  }

  #wouldOpen(era: Closed, now: number): Transition | undefined {
    if (era.hasCrossed) return undefined;
    era.hasCrossed = true;
    const reason = this.#rules.tripper.because(era);
    return { ...leaving(era, { to: 'closed', reason, level: this.#levelOf(era, now), now }), what: 'would-open' };
  }

  #halfOpen({ level }: Open, now: number): HalfOpen {
    const stats = new Sums(this.#rules.tripper.thresholdsMs);
    const admittedAt = Number.NEGATIVE_INFINITY;
    const era: HalfOpen = {
      state: 'half-open',
      level,
      since: now,
      stats,
      streak: 0,
      successes: 0,
      admittedAt,
      leases: [],
    };
    this.#state = era;
    return era;
  }

  /** A window of its own for each closed time: what led to the last opening has been paid for. */
  #closed(levelThen: number, since: number, observes = false): Closed {
    const { window, tripper } = this.#rules;
    const stats = window.create(tripper.thresholdsMs);
    return { state: 'closed', stats, streak: 0, levelThen, since, observes, hasCrossed: false };
  }

  /** The first after the wait is let through whatever the dice say, and so is one whenever none was for a second. */
  #tryProbe(era: HalfOpen, now: number): Permit | undefined {
    const { permits, leaseMs } = this.#rules;
    if (probesOut(era, now, leaseMs) >= permits.most) return undefined;
    const isIdle = now - era.admittedAt >= LONGEST_IDLE_MS;
    if (!permits.admits(now - era.since, this.#random) && !isIdle) return undefined;
    return this.#lend(era, now);
  }

  /** Lends a place; the overdue are dropped now, since their places are the ones being lent. */
  #lend(era: HalfOpen, now: number, transition?: Transition): Lease {
    const lease = new ProbeLease(this, era, { issuedAt: now, transition });
    dropOverdue(era, now, this.#rules.leaseMs);
    era.leases.push(lease);
    era.admittedAt = now;
    return lease;
  }

  #levelOf(state: State, now: number): number {
    return levelOf(state, { now, levelDecayMs: this.#rules.levelDecayMs });
  }
}

interface Cause {
  readonly level: number;
  readonly retryAfterMs: number | undefined;
  readonly now: number;
}

interface Wait {
  readonly level: number;
  readonly forMs: number;
  readonly now: number;
  readonly reason: string;
}
