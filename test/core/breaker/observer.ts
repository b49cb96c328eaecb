import { expect } from 'vitest';
import {
  type Breaker,
  type BreakerState,
  createBreaker,
  type Mark,
  type Permit,
  type Result,
  type Transition,
} from '../../../packages/core/src/breaker/breaker.js';
import {
  type BreakerNumbers,
  type BreakerOptions,
  resolveBreakerOptions,
} from '../../../packages/core/src/breaker/options.js';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { type Trip, trippers } from '../../../packages/core/src/breaker/trippers.js';

/** What the observer knows how to follow: the numbers, and three of the parts. */
export interface ObservedOptions extends BreakerNumbers {
  slowMs?: number;
  /** A tripper that rules half-open: this share of two or more failed probes opens again, and one failure alone does not. */
  halfOpenRate?: number;
  /** Permits by dice in place of `probes`. */
  dice?: { share: number; most: number };
}

/** A call under way, and what the observer knows of it by itself. */
export interface Call {
  readonly permit: Permit;
  readonly era: number;
  readonly issuedAt: number;
  settled: boolean;
  released: boolean;
}

interface Counted {
  readonly bucket: number;
  readonly failed: boolean;
  readonly durationMs: number;
}

const LEGAL = ['closed>open', 'open>half-open', 'half-open>open', 'half-open>closed'];
const LONGEST_IDLE_MS = 1_000;

/** Cheaper than `expect`, of which a walk through all states would need millions. */
function must(holds: boolean, what: () => string): void {
  if (!holds) expect.fail(what());
}

function same(actual: unknown, wanted: unknown, what: string): void {
  must(Object.is(actual, wanted), () => `${what}: ${String(actual)} in place of ${String(wanted)}`);
}

/** Says what a breaker has to be made of to do what the observer expects. */
function breakerOptionsOf({ halfOpenRate, dice, ...numbers }: ObservedOptions): BreakerOptions {
  const options: BreakerOptions = { ...numbers };
  if (dice) {
    options.permits = permits.random(dice.share, { most: dice.most });
    delete options.probes;
  }
  if (halfOpenRate === undefined) return options;
  const { failureStreak = 5, failureRate = 0.5, minRequests = 10, slowMs, slowRate = 0.5 } = numbers;
  const enough = trippers.minRequests(minRequests);
  let tripper = trippers.halfOpen().and(trippers.minRequests(2)).and(trippers.failureRate(halfOpenRate));
  if (failureStreak !== false) tripper = tripper.or(trippers.failureStreak(failureStreak));
  if (failureRate !== false) tripper = tripper.or(enough.and(trippers.failureRate(failureRate)));
  if (slowMs !== undefined) tripper = tripper.or(enough.and(trippers.slowRate(slowRate, { thresholdMs: slowMs })));
  for (const name of ['failureStreak', 'failureRate', 'minRequests', 'slowMs', 'slowRate'] as const)
    delete options[name];
  return { ...options, tripper };
}

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
  /** False while a path is gone again that has been checked before. */
  checks = true;
  readonly calls: Call[] = [];
  readonly breaker: Breaker;
  readonly options: Required<BreakerNumbers> & ObservedOptions;
  /** Probes at the same time, at the most. */
  readonly most: number;
  #closedAt = 0;
  #until = 0;
  #admittedAt = 0;
  /** Whether dice have refused somebody since then. */
  #hasRefused = false;
  #results: Counted[] = [];
  #draws = 0;
  #lastDraw = 0;

  constructor(input: ObservedOptions, random: () => number = () => 0) {
    const numbers = resolveBreakerOptions(stripped(input));
    const options = resolveBreakerOptions(breakerOptionsOf(input));
    if (numbers === false || options === false) throw new Error('an observer needs a breaker');
    this.options = { ...input, ...numbers };
    this.most = input.dice?.most ?? this.options.probes;
    this.breaker = createBreaker(options, () => {
      this.#draws += 1;
      this.#lastDraw = random();
      return this.#lastDraw;
    });
  }

  /** Probes that are out by the observer's own account. */
  get leases(): number {
    let out = 0;
    for (const call of this.calls) if (this.#holdsPlace(call)) out += 1;
    return out;
  }

  get unsettled(): Call[] {
    return this.calls.filter((call) => !call.settled);
  }

  /** Lets time pass; what has become too old must then be forgotten though no call has been recorded. */
  tick(ms: number): void {
    this.now += ms;
    this.#checkPlaces();
    if (this.state === 'closed' && this.checks) this.#checkStats(this.breaker.snapshot(this.now).stats, this.#kept());
  }

  /** Asks for a permit; the answer must be the one that `peek` gave, and peeking must not have changed anything. */
  acquire(): Call | undefined {
    const { breaker, now } = this;
    const answer = this.#look();
    const drawsBefore = this.#draws;
    const permit = breaker.tryAcquire(now);
    const isDiced = this.state === 'half-open' && answer === 'probe' && this.options.dice !== undefined;
    same(this.#draws - drawsBefore, isDiced ? 1 : 0, 'dice thrown when asked');
    const admitted = answer !== 'rejected' && (!isDiced || this.#mustAdmit());
    same(permit !== undefined, admitted, `a permit at ${now}`);
    this.#hasRefused = isDiced && !admitted;
    if (permit === undefined) return undefined;
    same(permit.probe, answer === 'probe', 'whether it is a probe');
    if (this.state === 'open') {
      must(now >= this.#until, () => `half-open at ${now}, before the end of the wait at ${this.#until}`);
      this.#follow(permit.transition, 'half-open');
    } else same(permit.transition, undefined, 'a transition');
    if (permit.probe) this.#admittedAt = now;
    const call = { permit, era: this.era, issuedAt: now, settled: false, released: false };
    this.calls.push(call);
    must(this.leases <= this.most, () => `${this.leases} probes out, at most ${this.most}`);
    return call;
  }

  /** Settles a call and checks that exactly what had to follow did follow. */
  settle(call: Call, mark: Mark, result?: Result): void {
    const isLost = call.permit.probe && !call.released && this.#overdue(call);
    const inert = call.settled || call.era !== this.era || isLost || mark === 'ignored';
    const before = this.checks && inert ? this.#standing() : '';
    const drawsBefore = this.#draws;
    call.settled = true;
    const transition = call.permit.settle(mark, this.now, result);
    if (inert) {
      same(transition, undefined, 'a transition by a result that counts for nothing');
      same(this.checks ? this.#standing() : '', before, 'what a result that counts for nothing has left');
    } else this.#counted(call, { mark, result, transition });
    must(this.#draws - drawsBefore <= (transition?.to === 'open' ? 1 : 0), () => 'dice thrown more than once');
    this.#checkPlaces();
  }

  release(call: Call): void {
    call.permit.release();
    if (!call.settled) call.released = true;
    this.#checkPlaces();
  }

  /** What a healthy target does to the breaker: it must be closed after so many rounds, though nothing else is ever settled. */
  recover(): void {
    // Where a share of the probes decides, a success may still find too many failures before it, or too few calls to know.
    const { closeAfter, minRequests, halfOpenRate } = this.options;
    const rounds = 2 * (closeAfter + this.most + 2 + (halfOpenRate === undefined ? 0 : minRequests));
    for (let round = 0; round < rounds && this.state !== 'closed'; round++) {
      this.now += this.#untilItMustAdmit();
      const call = this.acquire() ?? this.#acquireLater();
      if (call) this.settle(call, 'success', { durationMs: 0 });
    }
    same(this.state, 'closed', 'a healthy target must close its breaker');
  }

  /** Dice may have refused: a second later they must not. */
  #acquireLater(): Call | undefined {
    must(this.options.dice !== undefined, () => `no permit at ${this.now} although the wait is over`);
    this.now += LONGEST_IDLE_MS;
    const call = this.acquire();
    must(call !== undefined, () => `no permit at ${this.now} although none was given for a second`);
    return call;
  }

  #look(): 'ok' | 'probe' | 'rejected' {
    const { breaker, now } = this;
    if (!this.checks) return breaker.peek(now);
    const before = JSON.stringify(breaker.snapshot(now));
    const drawsBefore = this.#draws;
    const answer = breaker.peek(now);
    const wait = breaker.retryAfterMs(now);
    same(JSON.stringify(breaker.snapshot(now)), before, 'what looking has left');
    same(this.#draws, drawsBefore, 'dice thrown by looking');
    if (answer === 'rejected') must(wait > 0, () => 'no wait after a refusal');
    else same(wait, this.#idleLeft(), 'a wait');
    return answer;
  }

  /** Whom dice have refused is told when they have no say any more. */
  #idleLeft(): number {
    return this.#hasRefused ? Math.max(0, this.#admittedAt + LONGEST_IDLE_MS - this.now) : 0;
  }

  #mustAdmit(): boolean {
    const { dice } = this.options;
    return dice === undefined || this.#lastDraw < dice.share || this.now - this.#admittedAt >= LONGEST_IDLE_MS;
  }

  /** While probes are out the breaker tells only when to look again: it must let somebody in when the oldest of them is overdue. */
  #untilItMustAdmit(): number {
    const wait = this.breaker.retryAfterMs(this.now);
    if (wait === 0 || this.state !== 'half-open' || this.breaker.peek(this.now) === 'probe') return wait;
    const leases = this.calls.filter((call) => this.#holdsPlace(call));
    const leftMs = Math.min(...leases.map((call) => call.issuedAt + this.options.leaseMs - this.now));
    same(wait, Math.min(leftMs, this.options.openMs), 'when to look again');
    return leftMs;
  }

  #holdsPlace(call: Call): boolean {
    return call.era === this.era && call.permit.probe && !call.settled && !call.released && !this.#overdue(call);
  }

  #overdue(call: Call): boolean {
    return this.now - call.issuedAt >= this.options.leaseMs;
  }

  #checkPlaces(): void {
    if (this.checks) same(this.breaker.snapshot(this.now).probesOut, this.leases, 'probes out');
  }

  #standing(): string {
    return JSON.stringify({ ...this.breaker.snapshot(this.now), probesOut: 0 });
  }

  /** Counts a result as the breaker should have, and follows what had to come of it. */
  #counted(call: Call, told: { mark: Mark; result: Result | undefined; transition: Transition | undefined }): void {
    const { mark, result, transition } = told;
    const failed = mark === 'failure';
    this.#results.push({ bucket: this.#bucket(), failed, durationMs: result?.durationMs ?? this.now - call.issuedAt });
    this.streak = failed ? this.streak + 1 : 0;
    if (call.permit.probe && !failed) this.successes += 1;
    const kept = call.permit.probe ? this.#results : this.#kept();
    const isBuiltIn = call.permit.probe && this.options.halfOpenRate === undefined;
    const trip = isBuiltIn ? this.#probeTrip(kept) : this.#trip(kept, call.permit.probe);
    if (trip === 'trip') {
      this.level = call.permit.probe ? this.#grown() : this.#decayed();
      this.#follow(transition, 'open', result?.retryAfterMs);
    } else if (call.permit.probe && trip === 'hold' && this.successes >= this.options.closeAfter)
      this.#follow(transition, 'closed');
    else same(transition, undefined, 'a transition');
    this.#checkStats(transition?.stats ?? this.breaker.snapshot(this.now).stats, kept);
  }

  #bucket(): number {
    return Math.floor(this.now / (this.options.windowMs / 12));
  }

  #kept(): Counted[] {
    const oldest = this.#bucket() - 12;
    return this.#results.filter((one) => one.bucket > oldest);
  }

  /** One failure opens again, and so does one answer that is slow. */
  #probeTrip(kept: readonly Counted[]): Trip {
    const { slowMs = Number.POSITIVE_INFINITY } = this.options;
    const last = kept.at(-1);
    return last?.failed || (last?.durationMs ?? 0) >= slowMs ? 'trip' : 'hold';
  }

  /** What is reached with too few calls is not known; one rule that trips is enough, and one that does not know keeps all from knowing. */
  #trip(kept: readonly Counted[], isProbe: boolean): Trip {
    const { failureStreak, failureRate, minRequests, slowMs, slowRate, halfOpenRate = 1 } = this.options;
    const failures = kept.filter((one) => one.failed).length;
    const trips: Trip[] = [];
    const rule = (least: number, isReached: boolean) =>
      void trips.push(!isReached ? 'hold' : kept.length >= least ? 'trip' : 'unknown');
    if (failureStreak !== false) rule(0, this.streak >= failureStreak);
    if (failureRate !== false) rule(minRequests, failures >= failureRate * kept.length);
    if (slowMs !== undefined) rule(minRequests, slowOf(kept, slowMs) >= slowRate * kept.length);
    if (isProbe) rule(2, failures >= halfOpenRate * kept.length);
    return trips.find((one) => one === 'trip') ?? trips.find((one) => one === 'unknown') ?? 'hold';
  }

  #checkStats(stats: Transition['stats'], kept: readonly Counted[]): void {
    if (!this.checks) return;
    const { slowMs } = this.options;
    same(stats.total, kept.length, 'calls counted');
    same(stats.failures, kept.filter((one) => one.failed).length, 'failures counted');
    const sum = kept.reduce((all, one) => all + one.durationMs, 0);
    same(stats.durationMs, sum, 'milliseconds counted');
    if (slowMs !== undefined) same(stats.slow[slowMs], slowOf(kept, slowMs), 'slow calls counted');
  }

  #grown(): number {
    return this.#base(this.level + 1) > this.#base(this.level) ? this.level + 1 : this.level;
  }

  #decayed(): number {
    return Math.max(0, this.level - Math.floor((this.now - this.#closedAt) / this.options.levelDecayMs));
  }

  #base(level: number): number {
    return Math.min(this.options.openMs * this.options.openMultiplier ** level, this.options.maxOpenMs);
  }

  /** Takes over a transition that had to happen: a legal one, announced from the state that was announced last. */
  #follow(transition: Transition | undefined, to: BreakerState, askedMs = 0): void {
    const told = transition && `${transition.what} ${transition.from}>${transition.to} ${transition.level}`;
    same(told, `state ${this.state}>${to} ${this.level}`, 'what is announced');
    must(LEGAL.includes(`${this.state}>${to}`), () => `${this.state} cannot lead to ${to}`);
    must(transition?.reason !== '', () => 'a transition must have a reason');
    const { openForMs } = transition ?? {};
    if (to === 'open') this.#checkWait(openForMs ?? Number.NaN, askedMs);
    else same(openForMs, undefined, 'a wait');
    if (to === 'closed') this.#closedAt = this.now;
    this.state = to;
    this.era += 1;
    this.transitions += 1;
    this.streak = 0;
    this.successes = 0;
    this.#hasRefused = false;
    this.#results = [];
  }

  #checkWait(openForMs: number, askedMs: number): void {
    const base = Math.round(this.#base(this.level));
    const [least, most] = [Math.max(base, askedMs), Math.max(base * (1 + this.options.jitter), askedMs)];
    must(openForMs >= least && openForMs <= most, () => `a wait of ${openForMs}, not within ${least} and ${most}`);
    this.#until = this.now + openForMs;
  }
}

const slowOf = (kept: readonly Counted[], slowMs: number): number =>
  kept.filter((one) => one.durationMs >= slowMs).length;

/** The numbers alone, completed with the defaults that the observer reckons with. */
function stripped({ slowMs, halfOpenRate, dice, ...numbers }: ObservedOptions): BreakerNumbers {
  return numbers;
}
