import type { Failure } from '../outcome/outcome.js';
import { isKeysFault, VERDICTS } from '../outcome/verdict.js';
import { Pace } from '../retries/pace.js';
import type { Hindrance, Target } from '../targets/target.js';
import { longestMs, repeatInMs, restOf, type Standing } from './again.js';
import type { Call } from './call.js';
import { Course } from './course.js';
import { LastChoice } from './exhausted.js';
import { Findings } from './findings.js';
import { Obstacles } from './obstacles.js';
import type { PlanSource } from './plan-source.js';
import type { Asked, Leg, PassedOver, Step } from './step.js';
import { leastLeftMs } from './time-left.js';
import type { Tried } from './tried.js';

const NONE: readonly PassedOver[] = Object.freeze([]);

/** The name under which calls without a model (files, batches) are kept at an endpoint. */
const NO_MODEL = '*';

/**
 * The order of going on, in one place: the same model at another endpoint at once; the same target again, only for what a moment
 * can mend; the next model at all its endpoints; and when nothing untried is left, the same target once more where that can help.
 * A short wait for the model that was asked for is preferred to a different model, but never to the same model elsewhere.
 */
export class Plan implements Standing {
  /** The targets that could not be asked when it was their turn. */
  skipped: readonly PassedOver[] = NONE;
  /** The last target that could not be waited for any longer for want of room. */
  turnedAway: Target | undefined;
  /** The target that would be asked if all were well: the first in order, or of the first tier whichever was chosen first. */
  firstChoice: Target | undefined;
  readonly pace = new Pace();
  /** What is in the way of the call at each target. */
  readonly obstacles: Obstacles;
  readonly source: PlanSource;
  readonly call: Call<unknown>;
  readonly #startedAt: number;
  readonly isOrdered: boolean;
  readonly #findings = new Findings();
  #lastChoice: LastChoice | undefined;
  /** Whether there is nowhere else to go than to one target. */
  isAlone: boolean;
  /** The models in their order, and how far the call has come. */
  readonly course: Course;
  #attempts = 0;

  /** The plan of a call that begins now: the asked model at all endpoints that serve it, then each of its fallbacks. */
  constructor(source: PlanSource, call: Call<unknown>, now: number) {
    const { model = NO_MODEL, fallbacks, movable } = call;
    const models = fallbacks.length === 0 || !movable ? [model] : [...new Set([model, ...fallbacks])];
    const legs = source.legsOf(call, models, now);
    this.source = source;
    this.call = call;
    this.obstacles = new Obstacles(source.registry, call, this.#findings);
    this.#startedAt = now;
    this.course = new Course(legs);
    this.firstChoice = legs[0]?.[0];
    this.isAlone = this.course.isLone;
    this.isOrdered = source.isOrdered(call);
  }

  /** Whether the call went straight to its first target: none was passed over but for what is known of it, and none waited for. */
  get isCalm(): boolean {
    return this.#attempts === 0 && this.#lastChoice === undefined && !this.isAlone;
  }

  /** Whom to ask next; undefined when there is nobody, no time, or no sense in it. */
  next(now: number): Step | undefined {
    if (this.#isOver(this.#attempts, now)) return undefined;
    const course = this.course;
    for (; !course.isOver; course.next()) {
      const { leg } = course;
      const attemptsLeft = this.source.retries.maxAttempts - this.#attempts;
      const step =
        (course.mayStay(attemptsLeft) ? this.#untried(leg, now) : undefined) ??
        (course.mayLinger(attemptsLeft) ? this.#again(leg, now, false) : undefined);
      if (step) return step;
    }
    return this.#sick(now) ?? this.#onceMore(now) ?? this.#last(now);
  }

  /** An attempt failed, just now. */
  tell({ target, key }: Asked, failure: Failure<unknown>, now: number): void {
    const { call, obstacles } = this;
    const verdict = VERDICTS[failure.kind];
    this.#attempts += 1;
    this.course.asked();
    // A credential is not given up while the provider itself asks for it once more.
    if (verdict.next === 'other-credential' && failure.repeatable !== true)
      this.#findings.bury(key?.name ?? obstacles.credentialAt(target, now));
    const isOfTheKey = key !== undefined && isKeysFault(failure);
    if (isOfTheKey) this.#findings.spend(key);
    // The target itself has not failed: with another key it is asked as if for the first time.
    if (isOfTheKey && obstacles.hasFreeKey(target, now)) return;
    this.pace.failed();
    // What one key was asked to wait keeps no other away: the target is back with the first of them.
    const askedMs = isOfTheKey ? obstacles.cooldownAt(target, now).namedLeftMs(now) : failure.retryAfterMs;
    this.#findings.failed(
      target,
      askedMs === failure.retryAfterMs ? failure : { ...failure, retryAfterMs: askedMs ?? 0 },
      now,
    );
    // Nobody else is asked; this target is only where its own word (`repeatable`) asks for it.
    if (verdict.next === 'never') this.course.stayAt(target);
    if (verdict.next === 'other-model') this.#changeModel(target.model, call.contextWindowFallbacks);
    if (verdict.next === 'named') this.#changeModel(target.model, call.contentPolicyFallbacks ?? []);
  }

  /** Whether a target must not be asked now. */
  isHindered(target: Target, now: number): boolean {
    return this.hindrance(target, now) !== undefined || now < (this.#findings.triedOf(target)?.askedUntil ?? now);
  }

  /** A target that the plan named gave no permit: its dice said no. */
  passOver(target: Target, now: number): void {
    this.#findings.closed(target);
    this.skipAnew({ target, reason: 'breaker', leftMs: target.refusesForMs(now) });
  }

  /** A target is passed over for what was found out of it just now. */
  skipAnew(passedOver: PassedOver): void {
    this.skipped = [...this.skipped.filter(({ target }) => target !== passedOver.target), passedOver];
  }

  /** Whether no attempt could follow on the next one, at this time. */
  endsWithNext(then: number): boolean {
    return this.#isOver(this.#attempts + 1, then);
  }

  /** Whether no attempt may follow on so many. */
  #isOver(attempts: number, now: number): boolean {
    const { retries } = this.source;
    if (attempts === 0) return false;
    return !this.call.repeatable || attempts >= retries.maxAttempts || this.#isTooLate(now);
  }

  #isTooLate(now: number): boolean {
    const { timeoutMs } = this.call;
    return this.#startedAt + timeoutMs - now < leastLeftMs(timeoutMs);
  }

  #changeModel(model: string, named: readonly string[] | undefined): void {
    const rest = this.course.left.slice(1);
    const unfit = this.#findings.unfit(model);
    // What has state on one server does not wander to a named model either.
    const isNamed = named !== undefined && this.call.movable;
    const legs = isNamed ? this.source.legsOf(this.call, [...new Set(named)], this.#startedAt) : rest;
    this.course.change(legs.filter((leg) => !unfit.has(leg[0]?.model ?? '')));
    this.isAlone = this.course.isLone;
  }

  /** What probes say is a hint: those they are against are asked where everybody else has failed, or rests. */
  #sick(now: number): Step | undefined {
    for (const leg of this.course.legs) {
      const step = this.#untried(leg, now, true);
      if (!step) continue;
      this.skipped = this.skipped.filter(({ reason }) => reason !== 'health');
      return step;
    }
    return undefined;
  }

  /** The first model that can be asked again; but nobody stands in a line for room while another model could answer sooner. */
  #onceMore(now: number): Step | undefined {
    let best: Step | undefined;
    for (const leg of this.course.legs) {
      const step = this.#again(leg, now, true);
      if (step && (!best || step.delayMs < best.delayMs)) best = step;
      if (best && this.hindrance(best.target, now)?.reason !== 'limit') break;
    }
    return best;
  }

  #untried(leg: Leg, now: number, asksSick = this.isAlone): Step | undefined {
    let only: Target | undefined;
    let open: Target[] | undefined;
    for (const target of leg) {
      if (this.#findings.triedOf(target) || this.isDead(target)) continue;
      const hindrance = this.hindrance(target, now) ?? (asksSick ? undefined : target.sickness(now));
      // Who is not to be sent elsewhere for want of room is sent here, and waits.
      if (hindrance && (hindrance.reason !== 'limit' || this.source.limits.onLimit === 'reroute'))
        this.#skip({ target, ...hindrance });
      else if (!only) only = target;
      else if (!open) open = [only, target];
      else open.push(target);
      // Behind the first of a given order nobody needs to be looked at.
      if (only && this.isOrdered) break;
    }
    const target = open ? this.source.choose(this.call, open, now) : only;
    if (target && this.#attempts === 0 && this.#isChosenFreely(target)) this.firstChoice = target;
    return target && { target, delayMs: 0 };
  }

  /** Whether a target was preferred to others of its kind, and not asked in place of a better one. */
  #isChosenFreely({ model, tier }: Target): boolean {
    const first = this.firstChoice;
    return !this.isOrdered && model === first?.model && tier === first.tier;
  }

  #skip(passedOver: PassedOver): void {
    if (this.skipped.some(({ target }) => target === passedOver.target)) return;
    this.skipped = [...this.skipped, passedOver];
  }

  /** The target of a leg that can be asked again, or for the first time after its cooldown, with the shortest wait. */
  #again(leg: Leg, now: number, nothingElse: boolean): Step | undefined {
    let best: Step | undefined;
    const occasion = nothingElse ? 'nothing else' : leg.length === 1 ? 'lone' : 'others failed too';
    for (const target of leg) {
      const delayMs = repeatInMs(this, target, { now, occasion });
      if (delayMs !== undefined && delayMs < (best?.delayMs ?? Number.POSITIVE_INFINITY)) best = { target, delayMs };
    }
    return !best || this.#isTooLate(now + best.delayMs) ? undefined : best;
  }

  /** All are resting. */
  #last(now: number): Step | undefined {
    const { whenExhausted, retries } = this.source;
    if (whenExhausted === 'fail') return undefined;
    const all = this.course.legs.flat();
    const resting = all.flatMap((target) =>
      this.hindrance(target, now)?.reason === 'limit' ? [] : (restOf(this, target, now) ?? []),
    );
    const isRefusedEverywhere = all.every((target) => this.isDead(target) || this.obstacles.isRefused(target, now));
    const limits = { maxWaitMs: retries.maxWaitMs, maxRestMs: longestMs(this), since: now };
    this.#lastChoice ??= new LastChoice(whenExhausted, limits);
    const step = this.#lastChoice.among(resting, { isRefusedEverywhere, now });
    return !step || this.#isTooLate(now + step.delayMs) ? undefined : step;
  }

  hindrance(target: Target, now: number): Hindrance | undefined {
    return this.isAlone ? this.obstacles.atTheOnlyOne(target, now) : this.obstacles.at(target, now);
  }

  triedOf(target: Target): Tried | undefined {
    return this.#findings.triedOf(target);
  }

  /** Whether it is another one than this, and still to be tried. */
  isOther(other: Target, than: Target): boolean {
    return other !== than && !this.#findings.triedOf(other) && !this.isDead(other);
  }

  isDead(target: Target): boolean {
    return this.obstacles.isDead(target);
  }
}
