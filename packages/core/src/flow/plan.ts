import type { Random } from '../base/random.js';
import type { Failure } from '../outcome/outcome.js';
import { VERDICTS } from '../outcome/verdict.js';
import { backoffMs, loneBackoffMs } from '../retries/backoff.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';
import { LastChoice } from './exhausted.js';
import { Obstacles } from './obstacles.js';
import type { Leg, PassedOver, Step, WhenExhausted } from './step.js';
import { leastLeftMs } from './time-left.js';
import { type Occasion, Tried } from './tried.js';

const NONE: readonly PassedOver[] = Object.freeze([]);

/** What is remembered of a target that gave no permit: it is not come back to. */
const CLOSED: Failure<never> = Object.freeze({ kind: 'no_target', message: 'closed by now', repeatable: false });

/** What plans are made from; the engine is one. */
export interface PlanSource {
  readonly registry: TargetRegistry;
  readonly random: Random;
  readonly retries: ResolvedRetryOptions;
  readonly whenExhausted: WhenExhausted;
  /** The targets of these models that may serve a call, a leg for each model. */
  legsOf(call: Call<unknown>, models: readonly string[], now: number): readonly Leg[];
}

/** The name under which calls without a model (files, batches) are kept at an endpoint. */
const NO_MODEL = '*';

/**
 * The order of going on, in one place: the same model at another endpoint at once; the same target again, only for what a moment
 * can mend; the next model at all its endpoints; and when nothing untried is left, the same target once more where that can help.
 * A short wait for the model that was asked for is preferred to a different model, but never to the same model elsewhere.
 */
export class Plan {
  /** The targets that could not be asked when it was their turn. */
  skipped: readonly PassedOver[] = NONE;
  /** The target that would be asked if all were well. */
  readonly firstChoice: Target | undefined;
  /** What is in the way of the call at each target. */
  readonly obstacles: Obstacles;
  readonly #source: PlanSource;
  readonly #call: Call<unknown>;
  readonly #startedAt: number;
  // The collections are made with the first failure: most calls have none, and thousands may be under way.
  #tried: Map<Target, Tried> | undefined;
  #deadCredentials: Set<string> | undefined;
  #unfitModels: Set<string> | undefined;
  #lastChoice: LastChoice | undefined;
  /** Whether there is nowhere else to go than to one target. */
  #alone: boolean;
  #legs: readonly Leg[];
  #leg = 0;
  #attempts = 0;

  /** The plan of a call that begins now: the asked model at all endpoints that serve it, then each of its fallbacks. */
  constructor(source: PlanSource, call: Call<unknown>, now: number) {
    const { model = NO_MODEL, fallbacks, movable } = call;
    const models = fallbacks.length === 0 || !movable ? [model] : [...new Set([model, ...fallbacks])];
    const legs = source.legsOf(call, models, now);
    this.#source = source;
    this.#call = call;
    this.obstacles = new Obstacles(source.registry, call);
    this.#startedAt = now;
    this.#legs = legs;
    this.firstChoice = legs[0]?.[0];
    this.#alone = isLone(legs);
  }

  /** Whether the call could go on to an untried target if `target` were asked now and given up at the time `then`. */
  hasMoreThan(target: Target, then: number): boolean {
    if (this.#alone || this.#isOver(this.#attempts + 1, then)) return false;
    const mayServe = (other: Target) => this.#isOther(other, target) && !this.isHindered(other, then);
    return this.#legs.slice(this.#leg).some((leg) => leg.some(mayServe));
  }

  /** Whether the model that was asked at a target is still to be asked elsewhere. */
  hasModelElsewhere(target: Target, now: number): boolean {
    if (this.#isOver(this.#attempts + 1, now)) return false;
    const leg = this.#legs[this.#leg] ?? [];
    return leg.some((other) => this.#isOther(other, target));
  }

  /** Whom to ask next; undefined when there is nobody, no time, or no sense in it. */
  next(now: number): Step | undefined {
    if (this.#isOver(this.#attempts, now)) return undefined;
    for (; this.#leg < this.#legs.length; this.#leg += 1) {
      const leg = this.#legs[this.#leg] ?? [];
      const step = this.#untried(leg, now) ?? (this.#mayLinger() ? this.#again(leg, now, false) : undefined);
      if (step) return step;
    }
    for (const leg of this.#legs) {
      const step = this.#again(leg, now, true);
      if (step) return step;
    }
    return this.#last(now);
  }

  /** An attempt failed, just now. */
  tell(target: Target, failure: Failure<unknown>, now: number): void {
    const call = this.#call;
    const verdict = VERDICTS[failure.kind];
    this.#attempts += 1;
    this.#remember(target, failure, now);
    // A credential is not given up while the provider itself asks for it once more.
    if (verdict.next === 'other-credential' && failure.repeatable !== true) {
      this.#deadCredentials ??= new Set();
      this.#deadCredentials.add(this.obstacles.credentialAt(target));
    }
    // Nobody else is asked; this target is only where its own word (`repeatable`) asks for it.
    if (verdict.next === 'never') [this.#legs, this.#leg] = [[[target]], 0];
    if (verdict.next === 'other-model') this.#changeModel(target.model, call.contextWindowFallbacks);
    if (verdict.next === 'named') this.#changeModel(target.model, call.contentPolicyFallbacks ?? []);
  }

  /** Whether a target must not be asked now. */
  isHindered(target: Target, now: number): boolean {
    return this.#hindrance(target, now) !== undefined || now < (this.#tried?.get(target)?.askedUntil ?? now);
  }

  /** A target that the plan named gave no permit: its dice said no. */
  passOver(target: Target, now: number): void {
    this.#remember(target, CLOSED, 0);
    const others = this.skipped.filter((skip) => skip.target !== target);
    this.skipped = [...others, { target, reason: 'breaker', leftMs: target.refusesForMs(now) }];
  }

  /** Only the model that was asked for is lingered on, and not with the attempts that the others need to be reached at all. */
  #mayLinger(): boolean {
    return this.#leg === 0 && this.#source.retries.maxAttempts - this.#attempts >= this.#legs.length;
  }

  /** Whether no attempt may follow on so many. */
  #isOver(attempts: number, now: number): boolean {
    const { retries } = this.#source;
    if (attempts === 0) return false;
    return !this.#call.repeatable || attempts >= retries.maxAttempts || this.#isTooLate(now);
  }

  #isTooLate(now: number): boolean {
    const { timeoutMs } = this.#call;
    return this.#startedAt + timeoutMs - now < leastLeftMs(timeoutMs);
  }

  #changeModel(model: string, named: readonly string[] | undefined): void {
    const rest = this.#legs.slice(this.#leg + 1);
    const unfit = this.#unfitModels ?? new Set<string>();
    this.#unfitModels = unfit.add(model);
    // What has state on one server does not wander to a named model either.
    const isNamed = named !== undefined && this.#call.movable;
    const legs = isNamed ? this.#source.legsOf(this.#call, [...new Set(named)], this.#startedAt) : rest;
    this.#legs = legs.filter((leg) => !unfit.has(leg[0]?.model ?? ''));
    this.#leg = 0;
    this.#alone = isLone(this.#legs);
  }

  #untried(leg: Leg, now: number): Step | undefined {
    for (const target of leg) {
      if (this.#tried?.has(target) || this.#isDead(target)) continue;
      const hindrance = this.#hindrance(target, now);
      if (!hindrance) return { target, delayMs: 0 };
      if (this.skipped.every((skip) => skip.target !== target))
        this.skipped = [...this.skipped, { target, ...hindrance }];
    }
    return undefined;
  }

  /** The target of a leg that can be asked again, or for the first time after its cooldown, with the shortest wait. */
  #again(leg: Leg, now: number, nothingElse: boolean): Step | undefined {
    let best: Step | undefined;
    const occasion = nothingElse ? 'nothing else' : leg.length === 1 ? 'lone' : 'others failed too';
    for (const target of leg) {
      const delayMs = this.#delayMs(target, now, occasion);
      if (delayMs !== undefined && delayMs < (best?.delayMs ?? Number.POSITIVE_INFINITY)) best = { target, delayMs };
    }
    return !best || this.#isTooLate(now + best.delayMs) ? undefined : best;
  }

  /** All are resting. */
  #last(now: number): Step | undefined {
    const { whenExhausted, retries } = this.#source;
    if (whenExhausted === 'fail') return undefined;
    const resting = this.#legs.flat().flatMap((target) => {
      const tried = this.#tried?.get(target);
      if (this.#isDead(target) || tried?.mayRepeat('all rest', this.#call.maxRetries) === false) return [];
      const ofKeyMs = this.obstacles.quarantineOf(target, now).askedLeftMs(now);
      const restMs = Math.max(ofKeyMs, target.cooldown.leftMs(now), (tried?.askedUntil ?? now) - now);
      return { target, tried, restMs, isRefused: this.#hindrance(target, now)?.reason === 'quarantine' };
    });
    this.#lastChoice ??= new LastChoice(whenExhausted, retries.maxWaitMs, now);
    const step = this.#lastChoice.among(resting, now);
    return !step || this.#isTooLate(now + step.delayMs) ? undefined : step;
  }

  #delayMs(target: Target, now: number, occasion: Occasion): number | undefined {
    const tried = this.#tried?.get(target);
    if (this.#isDead(target) || (tried && !tried.mayRepeat(occasion, this.#call.maxRetries))) return undefined;
    const hindrance = this.#hindrance(target, now);
    // The quarantine that holds a lone target back is one whose end the provider named: as good as a cooldown.
    const hasEnd = hindrance?.reason === 'cooldown' || (hindrance?.reason === 'quarantine' && this.#alone);
    if (hindrance && !hasEnd) return undefined;
    if (!tried && occasion !== 'nothing else' && !target.cooldown.worthWaiting) return undefined;
    const toldMs = (tried?.askedUntil ?? now) - now;
    const restMs = hindrance?.reason === 'quarantine' ? hindrance.leftMs : target.cooldown.askedLeftMs(now);
    const pauseMs = tried ? this.#pauseMs(tried, now) : 0;
    // Dice must not decide whether a rest is waited for, nor, with nothing else left, how often a target is repeated.
    const countedMs = Math.max(toldMs, restMs, occasion === 'nothing else' ? 0 : pauseMs);
    if (countedMs > this.#source.retries.maxWaitMs) return undefined;
    return Math.max(toldMs, hindrance?.leftMs ?? 0, pauseMs);
  }

  /** With nowhere else to go as the official client: what the provider asks for is waited for, else the backoff. */
  #pauseMs(tried: Tried, now: number): number {
    if (!this.#alone) return tried.backoffLeftMs(now, backoffMs, this.#source.random);
    return tried.askedUntil === undefined ? tried.backoffLeftMs(now, loneBackoffMs, this.#source.random) : 0;
  }

  #hindrance(target: Target, now: number): Hindrance | undefined {
    return this.#alone ? this.obstacles.atTheOnlyOne(target, now) : this.obstacles.at(target, now);
  }

  /** Whether it is another one than this, and still to be tried. */
  #isOther(other: Target, than: Target): boolean {
    return other !== than && !this.#tried?.has(other) && !this.#isDead(other);
  }

  #isDead(target: Target): boolean {
    return this.#deadCredentials?.has(this.obstacles.credentialAt(target)) === true;
  }

  #remember(target: Target, failure: Failure<unknown>, now: number): void {
    this.#tried ??= new Map();
    this.#tried.set(target, new Tried(failure, now, this.#tried.get(target)));
  }
}

const isLone = (legs: readonly Leg[]): boolean => legs.length === 1 && legs[0]?.length === 1;
