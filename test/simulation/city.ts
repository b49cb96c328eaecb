import { getEventListeners } from 'node:events';
import { type VirtualClock, virtualClock } from '@breakwater/simulator';
import { type Random, seededRandom } from '../../packages/core/src/base/random.js';
import { planBreakers } from '../../packages/core/src/breaker/scopes.js';
import type { RouterEvents } from '../../packages/core/src/events/events.js';
import type { Call, Conclusion, Ticket } from '../../packages/core/src/flow/call.js';
import { Engine } from '../../packages/core/src/flow/engine.js';
import type { Ending, Outcome } from '../../packages/core/src/outcome/outcome.js';
import { resolveRetryOptions } from '../../packages/core/src/retries/options.js';
import { resolveRouting } from '../../packages/core/src/routing/options.js';
import type { Target } from '../../packages/core/src/targets/target.js';
import { answerUnder, drawWeather, onAborted, type Spell, spellAt } from './weather.js';

const ENDPOINTS = ['seoul', 'tokyo', 'oregon'];
const CLEARS_AT = 120_000;
const TIMEOUT_MS = 20_000;

/** What a city's traffic came to. */
export interface Tally {
  asked: number;
  /** Calls free to go anywhere while one endpoint was well all their time, and long enough before for its breaker to know. */
  fair: number;
  fairAnswered: number;
  /** Answers to calls that were made after the weather had cleared for a minute, by target. */
  readonly late: Map<string, number>;
  lateAsked: number;
  /** Rules that were broken, each with its time. */
  readonly broken: string[];
}

/** The real engine between Poisson traffic and three endpoints with outages, on a clock that is moved by hand. */
export class City {
  readonly clock: VirtualClock = virtualClock();
  readonly tally: Tally = { asked: 0, fair: 0, fairAnswered: 0, late: new Map(), lateAsked: 0, broken: [] };
  readonly engine: Engine;
  readonly spells: readonly Spell[];
  readonly #random: Random;
  readonly #open = new Map<string, Set<number>>();
  readonly #signals: AbortSignal[] = [];
  readonly #rests = new Map<string, number>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.spells = drawWeather(ENDPOINTS, CLEARS_AT, this.#random);
    this.engine = new Engine({
      endpoints: ENDPOINTS.map((id) => ({ id, serves: () => true, credential: () => id })),
      breakers: planBreakers(),
      retries: resolveRetryOptions(),
      routing: resolveRouting('priority'),
      whenExhausted: 'fail',
      clock: this.clock,
      random: seededRandom(seed + 1),
      complain: (message) => this.#break(message),
    });
    this.#watch();
  }

  /** Lets two hundred calls a minute come, a third of them streams and one in twenty taken back, until two minutes after the storms. */
  async live(): Promise<Tally> {
    const calls: Promise<void>[] = [];
    const end = CLEARS_AT + 120_000;
    while (this.clock.now() < end) {
      await this.clock.advance(-Math.log(1 - this.#random()) * 300);
      calls.push(this.#call());
    }
    await this.clock.runUntilIdle(600_000);
    await Promise.all(calls);
    this.#checkRest();
    return this.tally;
  }

  async #call(): Promise<void> {
    const { clock, tally } = this;
    const controller = new AbortController();
    this.#signals.push(controller.signal);
    const startedAt = clock.now();
    const isLate = startedAt > CLEARS_AT + 60_000;
    // One endpoint is pinned now and then, so that each has traffic of its own to recover by.
    const endpoint = this.#random() < 0.3 ? ENDPOINTS[Math.floor(this.#random() * 3)] : undefined;
    const isImpatient = this.#random() < 0.05;
    if (isImpatient) clock.setTimeout(() => controller.abort(), 300 * this.#random());
    const conclusion = await this.engine.execute(this.#callOf(controller.signal, endpoint));
    if (clock.now() - startedAt > TIMEOUT_MS + 0.001) this.#break(`a call took ${clock.now() - startedAt} ms`);
    if (isImpatient) return;
    tally.asked += 1;
    if (endpoint === undefined && this.#isFair(startedAt)) {
      tally.fair += 1;
      if (conclusion.outcome.kind === 'ok') tally.fairAnswered += 1;
    }
    if (!isLate) return;
    tally.lateAsked += 1;
    if (conclusion.outcome.kind === 'ok') this.#countLate(conclusion);
  }

  #callOf(signal: AbortSignal, endpoint: string | undefined): Call<string> {
    const streamed = this.#random() < 0.33;
    return {
      model: 'm',
      streamed,
      endpoint,
      movable: true,
      repeatable: true,
      fallbacks: ['spare'],
      signal,
      timeoutMs: TIMEOUT_MS,
      signalKeepsTime: false,
      maxRetries: 2,
      clocks: { attemptMs: 6_000 },
      attempt: (target, ticket) => this.#attempt(target, ticket, streamed),
      discard: () => {},
    };
  }

  #isFair(startedAt: number): boolean {
    const [from, until] = [startedAt - 40_000, startedAt + TIMEOUT_MS];
    return ENDPOINTS.some((id) =>
      this.spells.every((spell) => spell.endpoint !== id || spell.until < from || spell.from > until),
    );
  }

  #countLate({ route: { target = '' } }: Conclusion<string>): void {
    this.tally.late.set(target, (this.tally.late.get(target) ?? 0) + 1);
  }

  #attempt(target: Target, ticket: Ticket, streamed: boolean): Promise<Outcome<string>> {
    const { clock } = this;
    const now = clock.now();
    // Rests are told in whole milliseconds, rounded up.
    if (now + 1 <= (this.#rests.get(target.id) ?? 0)) this.#break(`${target.id} was asked before its time`);
    const spell = spellAt(this.spells, target.endpoint.id, now);
    const answer = answerUnder(spell, target.id, this.#random);
    if (!answer) return new Promise(() => {});
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => {
        const { outcome } = answer;
        if (outcome.kind !== 'ok') resolve(outcome);
        else resolve(streamed ? { ...outcome, ending: this.#ending(ticket, spell?.kind === 'cut') } : outcome);
      }, answer.takesMs);
      onAborted(ticket, () => clock.clearTimeout(timer));
    });
  }

  #ending(ticket: Ticket, isCut: boolean): Promise<Ending> {
    return new Promise((resolve) => {
      const end: Ending = isCut ? { kind: 'stream_error_late', message: 'cut' } : { kind: 'ok' };
      const timer = this.clock.setTimeout(() => resolve(end), 500 + 2_000 * this.#random());
      onAborted(ticket, () => {
        this.clock.clearTimeout(timer);
        resolve({ kind: 'caller_abort' });
      });
    });
  }

  /** Safety, at every event. */
  #watch(): void {
    const { hub } = this.engine;
    hub.on('attempt.started', (event) => this.#started(event));
    for (const name of ['attempt.succeeded', 'attempt.failed', 'attempt.abandoned'] as const) {
      hub.on(name, (event) => this.#ended(event));
    }
    hub.on('cooldown.started', ({ target, forMs }) => void this.#rests.set(target, this.clock.now() + forMs - 0.001));
    const states = new Map<string, string>();
    for (const name of ['breaker.opened', 'breaker.half-opened', 'breaker.closed'] as const) {
      hub.on(name, ({ target, from, to }) => {
        const before = states.get(target) ?? 'closed';
        if (before !== from) this.#break(`the breaker of ${target} went from ${from}, but was ${before}`);
        states.set(target, to);
      });
    }
  }

  #started({ requestId, target, endpoint, model, attempt }: RouterEvents['attempt.started']): void {
    const open = this.#open.get(requestId ?? '') ?? new Set();
    if (open.size > 0) this.#break(`two attempts of ${requestId} at once`);
    this.#open.set(requestId ?? '', open.add(attempt));
    if (attempt > 8) this.#break(`attempt ${attempt} of ${requestId}`);
    const known = this.engine.registry.of(model, this.clock.now()).find((one) => one.endpoint.id === endpoint);
    const breaker = known?.breaker.snapshot(this.clock.now());
    if (breaker?.state === 'open') this.#break(`${target} was asked while open`);
    if ((breaker?.probesOut ?? 0) > 1) this.#break(`${breaker?.probesOut} probes out at ${target}`);
  }

  #ended({ requestId, attempt }: RouterEvents['attempt.succeeded' | 'attempt.failed' | 'attempt.abandoned']): void {
    if (!this.#open.get(requestId ?? '')?.delete(attempt))
      this.#break(`attempt ${attempt} of ${requestId} ended twice`);
  }

  /** What must be true when the last call is over. */
  #checkRest(): void {
    const { requests, targets } = this.engine.stats();
    if (requests.inFlight !== 0) this.#break(`${requests.inFlight} requests in flight`);
    for (const [id, { inFlight }] of Object.entries(targets))
      if (inFlight !== 0) this.#break(`${inFlight} in flight at ${id}`);
    if (this.clock.pending !== 0) this.#break(`${this.clock.pending} timers`);
    const listeners = this.#signals.filter((signal) => getEventListeners(signal, 'abort').length > 0).length;
    if (listeners > 0) this.#break(`listeners on ${listeners} signals`);
  }

  #break(what: string): void {
    this.tally.broken.push(`${Math.round(this.clock.now())} ms: ${what}`);
  }
}
