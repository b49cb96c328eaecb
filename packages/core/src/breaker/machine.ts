import type { Random } from '../base/random.js';
import type { Breaker, BreakerMemory, BreakerMode, BreakerSnapshot, Permit, Transition } from './contract.js';
import { ClosedPermit, FREE, ProbeLease, type Settlement } from './leases.js';
import * as probes from './probes.js';
import { leaving, levelOf, RESTORED, shareOf, snapshotOf } from './readings.js';
import { reachedLevel } from './recovery.js';
import type { BreakerRules } from './rules.js';
import {
  type Cause,
  type Closed,
  fixed,
  type HalfOpen,
  halfOpened,
  type Lease,
  modeOf,
  nameOf,
  type Open,
  type State,
  type Wait,
} from './states.js';
import { Timed } from './timed.js';
import { carefulInMs, endOf, firmEnd, firmMsOf, leftMs, mayBePassed } from './waits.js';
import { Sums, toTicks } from './windows.js';

/**
 * Closed, open, half-open. Every change is made in one synchronous step and comes back as a value.
 *
 * Invariant: a permit counts only while the state object that gave it is still the current one (after gobreaker's generations), so
 * no late result can close a breaker on a target that is still down, nor open one on a target that came back.
 */
export class StateMachine extends Timed implements Breaker, Settlement {
  readonly #rules: BreakerRules;
  readonly #random: Random;

  constructor(rules: BreakerRules, random: Random, now: number) {
    super();
    this.#rules = rules;
    this.#random = random;
    this.enter(this.#closed(0, now));
    this.setMode(rules.mode, now);
  }

  get usualMode(): BreakerMode {
    return this.#rules.mode;
  }

  peek(now: number): 'ok' | 'probe' | 'rejected' {
    const current = this.current;
    if (current.state === 'closed' || current.state === 'disabled') return 'ok';
    if (current.state === 'forced-open') return 'rejected';
    if (current.state === 'open') return now >= current.until ? 'probe' : 'rejected';
    return probes.probesOut(current, now, this.#rules.leaseMs) < this.#rules.permits.most ? 'probe' : 'rejected';
  }

  tryAcquire(now: number): Permit | undefined {
    const current = this.current;
    if (current.state === 'closed') return new ClosedPermit(this, current, now);
    if (current.state === 'half-open') return this.#tryProbe(current, now);
    if (current.state === 'disabled') return FREE;
    if (current.state === 'forced-open' || now < current.until) return undefined;
    const told = { to: 'half-open', reason: 'the wait is over', level: current.level, now } as const;
    return this.#lend(this.#halfOpen(current, now), now, leaving(current, told));
  }

  retryAfterMs(now: number): number {
    const current = this.current;
    if (current.state === 'forced-open') return Number.MAX_SAFE_INTEGER;
    if (current.state === 'open') return leftMs(current.until, now);
    if (current.state !== 'half-open') return 0;
    if (this.peek(now) !== 'rejected') return current.hasRefused ? probes.idleLeftMs(current, now) : 0;
    // A lease is the longest that a probe can take, for slow answers many minutes; it may be back any moment.
    return Math.min(probes.oldestLeftMs(current, now, this.#rules.leaseMs), this.#rules.lookAgainMs);
  }

  share(now: number): number {
    return shareOf(this.current, now, this.#rules.slowStartMs);
  }

  snapshot(now: number): BreakerSnapshot {
    const { leaseMs, levelDecayMs } = this.#rules;
    return snapshotOf(this.current, { now, leaseMs, levelDecayMs });
  }

  openFor(ms: number, now: number, reason: string): Transition | undefined {
    const from = this.current;
    // Written so that NaN is refused too. A mode set by hand is not overruled by a wait: who observes refuses nobody.
    if (!(ms > 0) || from.state === 'disabled' || from.state === 'forced-open' || modeOf(from) !== 'auto')
      return undefined;
    return this.#open(from, { level: this.#levelOf(from, now), forMs: ms, firmMs: ms, now, reason });
  }

  reset(now: number, reason = 'reset'): Transition | undefined {
    const from = this.current;
    // A closed breaker gets a new state too, so that calls under way no longer count. What is fixed stays so.
    if (from.state === 'disabled' || from.state === 'forced-open') return undefined;
    const transition = leaving(from, { to: 'closed', reason, level: 0, now });
    this.enter(this.#closed(0, now, modeOf(from) === 'observe-only'));
    return from.state === 'closed' ? undefined : transition;
  }

  setMode(mode: BreakerMode, now: number): Transition | undefined {
    const from = this.current;
    const before = modeOf(from);
    if (mode === before) return undefined;
    const isFixed = mode === 'disabled' || mode === 'forced-open';
    const next: State = isFixed ? fixed(mode, this.usualMode, now) : this.#closed(0, now, mode === 'observe-only');
    const told = leaving(from, { to: nameOf(next), reason: `${before} before`, level: 0, now });
    this.enter(next);
    return { ...told, what: 'mode', mode };
  }

  nudge(now: number): void {
    const current = this.current;
    if (current.state === 'open') current.until = Math.min(current.until, Math.max(now, current.firmUntil));
    if (current.state === 'half-open') probes.releaseOld(current, now);
  }

  carefulInMs(now: number): number {
    return carefulInMs(this.current, this.retryAfterMs(now), now);
  }

  mayBePassed(now: number): boolean {
    return mayBePassed(this.current, now);
  }

  restore({ state, mode, level: levelThen, openForMs }: BreakerMemory, now: number): void {
    // A memory comes from outside, as JSON perhaps: what is no number must not keep a breaker open for ever.
    const level = reachedLevel(this.#rules.recovery, levelThen);
    const until = endOf(openForMs > 0 ? openForMs : 0, now);
    if (mode === 'disabled' || mode === 'forced-open') this.enter(fixed(mode, this.usualMode, now));
    else if (state === 'closed' || mode === 'observe-only') {
      this.enter(this.#closed(level, now, mode === 'observe-only'));
    } else this.enter({ state: 'open', until, firmUntil: until, level, since: now, ...RESTORED });
  }

  /** A success is judged like a failure: it may be the call that makes the window large enough. */
  settleClosed(era: Closed, permit: ClosedPermit, now: number): Transition | undefined {
    const { mark, result, issuedAt } = permit;
    if (this.current !== era || mark === 'ignored') return undefined;
    const hasFailed = mark === 'failure';
    era.streak = hasFailed ? era.streak + 1 : 0;
    era.stats.record(hasFailed, toTicks(result?.durationMs ?? now - issuedAt), now);
    const judgement = this.#rules.tripper.judge(era);
    if (typeof judgement === 'string') {
      era.hasCrossed = false;
      return undefined;
    }
    const level = this.#levelOf(era, now);
    if (era.observes) return this.#wouldOpen(era, { level, because: judgement, now });
    return this.#openBy(era, { level, because: judgement, retryAfterMs: result?.retryAfterMs, now });
  }

  /** An overdue probe has lost its say with its place, even while nobody has taken the place yet: polling must not decide. */
  settleProbe(era: HalfOpen, lease: ProbeLease, now: number): Transition | undefined {
    const { mark, result, issuedAt, isReleased } = lease;
    if (this.current !== era) return undefined;
    const isLate = probes.isOverdue(lease, now, this.#rules.leaseMs);
    const hadPlace = probes.dropFrom(era, lease);
    if (mark === 'ignored' || (!isReleased && (isLate || !hadPlace))) return undefined;
    const hasFailed = mark === 'failure';
    era.stats.record(hasFailed, toTicks(result?.durationMs ?? now - issuedAt));
    era.streak = hasFailed ? era.streak + 1 : 0;
    if (!hasFailed) era.successes += 1;
    const { tripper, recovery, closeAfter, slowProbeMs } = this.#rules;
    const judgement = tripper.rulesHalfOpen ? tripper.judge(era) : probes.probeJudgement(era, slowProbeMs);
    if (typeof judgement !== 'string') {
      const level = recovery.next(era.level);
      return this.#openBy(era, { level, because: judgement, retryAfterMs: result?.retryAfterMs, now });
    }
    // Who does not know yet has not found it well.
    return judgement === 'hold' && era.successes >= closeAfter ? this.#close(era, now) : undefined;
  }

  releaseProbe(era: HalfOpen, lease: Lease): void {
    probes.dropFrom(era, lease);
  }

  /** Closing keeps the level: one good moment of a flapping target is no reason to ask it more often. */
  #close(from: HalfOpen, now: number): Transition {
    const reason = `${from.successes} ${from.successes === 1 ? 'probe' : 'probes'} succeeded`;
    const transition = leaving(from, { to: 'closed', reason, level: from.level, now });
    this.enter({ ...this.#closed(from.level, now), isRecovered: true });
    return transition;
  }

  /** Opens because calls failed: for as long as the recovery says, and never for less than the provider asked for. */
  #openBy(from: Closed | HalfOpen, { level, because, retryAfterMs, now }: Cause): Transition {
    const reason = because(from);
    const ownMs = this.#rules.recovery.openForMs({ level, reason, retryAfterMs }, this.#random);
    const firmMs = firmMsOf(retryAfterMs);
    return this.#open(from, { level, forMs: Math.max(firmMs, ownMs), firmMs, now, reason });
  }

  /** Opens from any state, an open one included, and tells what to announce. */
  #open(from: Exclude<State, { state: 'disabled' }>, { level, forMs, firmMs, now, reason }: Wait): Transition {
    // The upper bound keeps snapshots JSON-able, which Infinity is not.
    const openForMs = Math.min(forMs, Number.MAX_SAFE_INTEGER);
    const transition = { ...leaving(from, { to: 'open', reason, level, now }), openForMs };
    const until = endOf(openForMs, now);
    const firmUntil = Math.max(firmEnd(until, now), Math.min(until, endOf(firmMs, now)));
    this.enter({ state: 'open', until, firmUntil, level, since: now, reason, stats: transition.stats });
    return transition;
  }

  #wouldOpen(era: Closed, { level, because, now }: Omit<Cause, 'retryAfterMs'>): Transition | undefined {
    if (era.hasCrossed) return undefined;
    era.hasCrossed = true;
    return { ...leaving(era, { to: 'closed', reason: because(era), level, now }), what: 'would-open' };
  }

  #halfOpen({ level }: Open, now: number): HalfOpen {
    const era = halfOpened({ level, since: now }, new Sums(this.#rules.tripper.thresholdsMs));
    this.enter(era);
    return era;
  }

  /** A window of its own for each closed time: what led to the last opening has been paid for. */
  #closed(levelThen: number, since: number, observes = false): Closed {
    const { window, tripper } = this.#rules;
    const stats = window.create(tripper.thresholdsMs);
    return { state: 'closed', stats, streak: 0, levelThen, since, observes, hasCrossed: false, isRecovered: false };
  }

  /** The first after the wait is let through whatever the dice say, and so is one whenever none was for a second. */
  #tryProbe(era: HalfOpen, now: number): Permit | undefined {
    const { permits, leaseMs } = this.#rules;
    if (probes.probesOut(era, now, leaseMs) >= permits.most) return undefined;
    if (permits.admits(now - era.since, this.#random) || probes.isIdle(era, now)) return this.#lend(era, now);
    era.hasRefused = true;
    return undefined;
  }

  /** Lends a place; the overdue are dropped now, since their places are the ones being lent. */
  #lend(era: HalfOpen, now: number, transition?: Transition): Lease {
    const lease = new ProbeLease(this, era, { issuedAt: now, transition });
    probes.dropOverdue(era, now, this.#rules.leaseMs);
    era.leases.push(lease);
    era.admittedAt = now;
    era.hasRefused = false;
    return lease;
  }

  #levelOf(state: State, now: number): number {
    return levelOf(state, { now, levelDecayMs: this.#rules.levelDecayMs });
  }
}
