import { expect } from 'vitest';
import {
  type Breaker,
  type BreakerState,
  createBreaker,
  type Mark,
  type Permit,
  type Transition,
} from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';

/** A call under way, and what the observer knows of it by itself. */
export interface Call {
  readonly permit: Permit;
  readonly era: number;
  readonly issuedAt: number;
  settled: boolean;
}

const LEGAL = ['closed>open', 'open>half-open', 'half-open>open', 'half-open>closed'];

/**
 * Uses a breaker the way a router does and keeps its own plain account of what must be true: lists instead of rings, an era counter
 * instead of object identity. Every step compares the two.
 */
export class Observer {
  now = 0;
  state: BreakerState = 'closed';
  era = 0;
  level = 0;
  streak = 0;
  successes = 0;
  transitions = 0;
  readonly calls: Call[] = [];
  readonly breaker: Breaker;
  readonly options: Required<BreakerOptions>;
  #closedAt = 0;
  #opened = { until: 0, openForMs: 0 };
  #results: { bucket: number; failed: boolean }[] = [];

  constructor(input: BreakerOptions, random: () => number = () => 0) {
    const options = resolveBreakerOptions(input);
    if (options === false) throw new Error('an observer needs a breaker');
    this.options = options;
    this.breaker = createBreaker(options, random);
  }

  /** Probes that are out by the observer's own account. */
  get leases(): number {
    return this.calls.filter(
      (call) => call.permit.probe && !call.settled && call.era === this.era && !this.#overdue(call),
    ).length;
  }

  get unsettled(): Call[] {
    return this.calls.filter((call) => !call.settled);
  }

  tick(ms: number): void {
    this.now += ms;
    expect(this.breaker.snapshot(this.now).probesOut).toBe(this.leases);
  }

  /** Asks for a permit; the answer must be the one that `peek` gave, and peeking must not have changed anything. */
  acquire(): Call | undefined {
    const { breaker, now } = this;
    const before = JSON.stringify(breaker.snapshot(now));
    const answer = breaker.peek(now);
    const wait = breaker.retryAfterMs(now);
    expect(JSON.stringify(breaker.snapshot(now))).toBe(before);
    expect(wait === 0).toBe(answer !== 'rejected');
    const acquired = breaker.tryAcquire(now);
    expect(acquired === undefined).toBe(answer === 'rejected');
    if (acquired === undefined) return undefined;
    expect(acquired.permit.probe).toBe(answer === 'probe');
    if (this.state === 'open') {
      expect(now).toBeGreaterThanOrEqual(this.#opened.until);
      this.#follow(acquired.transition, 'half-open');
    } else expect(acquired.transition).toBeUndefined();
    const call = { permit: acquired.permit, era: this.era, issuedAt: now, settled: false };
    this.calls.push(call);
    expect(this.leases).toBeLessThanOrEqual(this.options.probes);
    return call;
  }

  /** Settles a call and checks that exactly what had to follow did follow. */
  settle(call: Call, mark: Mark): void {
    const inert =
      call.settled || call.era !== this.era || (call.permit.probe && this.#overdue(call)) || mark === 'ignored';
    const before = { ...this.breaker.snapshot(this.now), probesOut: 0 };
    call.settled = true;
    const transition = call.permit.settle(mark, this.now);
    if (inert) {
      expect(transition).toBeUndefined();
      expect({ ...this.breaker.snapshot(this.now), probesOut: 0 }).toEqual(before);
    } else if (call.permit.probe) this.#probeSettled(mark, transition);
    else this.#callSettled(mark === 'failure', transition);
    expect(this.breaker.snapshot(this.now).probesOut).toBe(this.leases);
  }

  /** What a healthy target does to the breaker: it must be closed after so many rounds, though nothing else is ever settled. */
  recover(): void {
    const { closeAfter, probes } = this.options;
    for (let round = 0; round < closeAfter + probes + 2 && this.state !== 'closed'; round++) {
      this.now += this.#untilItMustAdmit();
      const call = this.acquire();
      expect(call, `no permit at ${this.now} although the wait is over`).toBeDefined();
      if (call) this.settle(call, 'success');
    }
    expect(this.state, 'a healthy target must close its breaker').toBe('closed');
  }

  /** While probes are out the breaker tells only when to look again: it must let somebody in when the oldest of them is overdue. */
  #untilItMustAdmit(): number {
    const wait = this.breaker.retryAfterMs(this.now);
    if (wait === 0 || this.state !== 'half-open') return wait;
    const leases = this.unsettled.filter((call) => call.permit.probe && call.era === this.era && !this.#overdue(call));
    const leftMs = Math.min(...leases.map((call) => call.issuedAt + this.options.leaseMs - this.now));
    expect(wait).toBe(Math.min(leftMs, this.options.openMs));
    return leftMs;
  }

  #overdue(call: Call): boolean {
    return this.now - call.issuedAt >= this.options.leaseMs;
  }

  #probeSettled(mark: Mark, transition: Transition | undefined): void {
    if (mark === 'failure') {
      const grown = this.#base(this.level + 1) > this.#base(this.level);
      this.level += grown ? 1 : 0;
      this.#follow(transition, 'open');
      return;
    }
    this.successes += 1;
    if (this.successes < this.options.closeAfter) expect(transition).toBeUndefined();
    else this.#follow(transition, 'closed');
  }

  #callSettled(failed: boolean, transition: Transition | undefined): void {
    const { failureStreak, failureRate, minRequests, windowMs, levelDecayMs } = this.options;
    const bucket = Math.floor(this.now / (windowMs / 12));
    this.#results.push({ bucket, failed });
    this.streak = failed ? this.streak + 1 : 0;
    const kept = this.#results.filter((one) => one.bucket > bucket - 12);
    const failures = kept.filter((one) => one.failed).length;
    const byRate = failureRate !== false && kept.length >= minRequests && failures / kept.length >= failureRate;
    if ((failureStreak === false || this.streak < failureStreak) && !byRate) {
      expect(transition).toBeUndefined();
      expect(this.breaker.snapshot(this.now).stats).toEqual({ total: kept.length, failures });
      return;
    }
    this.level = Math.max(0, this.level - Math.floor((this.now - this.#closedAt) / levelDecayMs));
    this.#follow(transition, 'open');
    expect(transition?.stats).toEqual({ total: kept.length, failures });
  }

  #base(level: number): number {
    return Math.min(this.options.openMs * this.options.openMultiplier ** level, this.options.maxOpenMs);
  }

  /** Takes over a transition that had to happen: a legal one, announced from the state that was announced last. */
  #follow(transition: Transition | undefined, to: BreakerState): void {
    expect(transition).toMatchObject({ from: this.state, to, level: this.level });
    expect(LEGAL).toContain(`${this.state}>${to}`);
    if (to === 'open') {
      const openForMs = transition?.openForMs ?? Number.NaN;
      const base = Math.round(this.#base(this.level));
      expect(openForMs).toBeGreaterThanOrEqual(base);
      expect(openForMs).toBeLessThanOrEqual(base * (1 + this.options.jitter));
      this.#opened = { until: this.now + openForMs, openForMs };
    } else expect(transition).not.toHaveProperty('openForMs');
    if (to === 'closed') this.#closedAt = this.now;
    this.state = to;
    this.era += 1;
    this.transitions += 1;
    this.streak = 0;
    this.successes = 0;
    this.#results = [];
  }
}
