import type { Random } from '../base/random.js';
import type { Failure } from '../outcome/outcome.js';
import { VERDICTS, type Verdict } from '../outcome/verdict.js';
import { backoffMs } from '../retries/backoff.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';

const NONE: readonly PassedOver[] = Object.freeze([]);

/** An attempt is not started with less than this left of the call's time. */
const LEAST_LEFT_MS = 250;
const LEAST_LEFT_SHARE = 0.05;

/** The targets of one model, in order. */
export type Leg = readonly Target[];

/** Whom to ask next, and after what wait. */
export interface Step {
  readonly target: Target;
  readonly delayMs: number;
}

/** A target that could not be asked, and why. */
export interface PassedOver extends Hindrance {
  readonly target: Target;
}

/** What a plan is made from. */
export interface PlanParts {
  readonly call: Call<unknown>;
  readonly legs: readonly Leg[];
  /** The legs of models that were named for a special case; undefined when none were. */
  readonly legsOf: (models: readonly string[] | undefined) => readonly Leg[] | undefined;
  readonly registry: TargetRegistry;
  readonly random: Random;
  readonly retries: ResolvedRetryOptions;
  readonly deadlineAt: number;
}

/** When a target is asked again: its model is nowhere else, its model failed elsewhere too, or nothing untried is left at all. */
type Occasion = 'lone' | 'others failed too' | 'nothing else';

interface Tried {
  repeats: number;
  verdict: Verdict;
  repeatable: boolean | undefined;
  /** How long it asked to be left alone, though not every such target cools for others too. */
  retryAfterMs: number;
}

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
  readonly #parts: PlanParts;
  // The collections are made with the first failure: most calls have none, and thousands may be under way.
  #tried: Map<Target, Tried> | undefined;
  #deadCredentials: Set<string> | undefined;
  #unfitModels: Set<string> | undefined;
  readonly #alone: boolean;
  #legs: readonly Leg[];
  #leg = 0;
  #attempts = 0;

  constructor(parts: PlanParts) {
    this.#parts = parts;
    this.#legs = parts.legs;
    this.firstChoice = parts.legs[0]?.[0];
    this.#alone = parts.legs.length === 1 && parts.legs[0]?.length === 1;
  }

  /** Whether an untried target could be asked at the time `then` if `target` were asked now. */
  hasMoreThan(target: Target, then: number): boolean {
    if (this.#alone) return false;
    const isOpen = (other: Target) => other !== target && !this.#tried?.has(other) && !this.#isDead(other);
    return this.#legs
      .slice(this.#leg)
      .some((leg) => leg.some((other) => isOpen(other) && !this.isHindered(other, then)));
  }

  /** Whom to ask next; undefined when there is nobody, no time, or no sense in it. */
  next(now: number): Step | undefined {
    if (this.#isOver(now)) return undefined;
    for (; this.#leg < this.#legs.length; this.#leg += 1) {
      const leg = this.#legs[this.#leg] ?? [];
      const step = this.#untried(leg, now) ?? (this.#mayLinger() ? this.#again(leg, now, false) : undefined);
      if (step) return step;
    }
    for (const leg of this.#legs) {
      const step = this.#again(leg, now, true);
      if (step) return step;
    }
    return undefined;
  }

  /** An attempt failed. */
  tell(target: Target, failure: Failure<unknown>, verdict: Verdict): void {
    const { repeatable, retryAfterMs = 0 } = failure;
    const { call } = this.#parts;
    this.#attempts += 1;
    const known = this.#tried?.get(target);
    this.#remember(target, { repeats: known ? known.repeats + 1 : 0, verdict, repeatable, retryAfterMs });
    if (verdict.next === 'other-credential') {
      this.#deadCredentials ??= new Set();
      this.#deadCredentials.add(this.#credentialAt(target));
    }
    // Nobody else is asked; this target is only where its own word (`repeatable`) asks for it.
    if (verdict.next === 'never') [this.#legs, this.#leg] = [[[target]], 0];
    if (verdict.next === 'other-model') this.#changeModel(target.model, call.contextWindowFallbacks);
    if (verdict.next === 'named') this.#changeModel(target.model, call.contentPolicyFallbacks ?? []);
  }

  /** Whether a target must not be asked now. */
  isHindered(target: Target, now: number): boolean {
    return this.#hindrance(target, now) !== undefined;
  }

  /** A target that the plan named turned out to be closed by now. */
  passOver(target: Target): void {
    const repeats = Number.POSITIVE_INFINITY;
    this.#remember(target, { repeats, verdict: VERDICTS.no_target, repeatable: undefined, retryAfterMs: 0 });
  }

  /** Only the model that was asked for is lingered on, and not with the attempts that the others need to be reached at all. */
  #mayLinger(): boolean {
    return this.#leg === 0 && this.#parts.retries.maxAttempts - this.#attempts >= this.#legs.length;
  }

  #isOver(now: number): boolean {
    const { call, retries } = this.#parts;
    if (this.#attempts === 0) return false;
    if (!call.repeatable || this.#attempts >= retries.maxAttempts) return true;
    return this.#isTooLate(now);
  }

  #isTooLate(now: number): boolean {
    const { call, deadlineAt } = this.#parts;
    return deadlineAt - now < Math.max(LEAST_LEFT_MS, call.timeoutMs * LEAST_LEFT_SHARE);
  }

  #changeModel(model: string, named: readonly string[] | undefined): void {
    const rest = this.#legs.slice(this.#leg + 1);
    const unfit = this.#unfitModels ?? new Set<string>();
    this.#unfitModels = unfit.add(model);
    this.#legs = (this.#parts.legsOf(named) ?? rest).filter((leg) => !unfit.has(leg[0]?.model ?? ''));
    this.#leg = 0;
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
    if (!best || (!nothingElse && best.delayMs > this.#parts.retries.maxWaitMs)) return undefined;
    return this.#isTooLate(now + best.delayMs) ? undefined : best;
  }

  #delayMs(target: Target, now: number, occasion: Occasion): number | undefined {
    const tried = this.#tried?.get(target);
    if (this.#isDead(target) || (tried && !this.#mayRepeat(tried, occasion))) return undefined;
    const hindrance = this.#hindrance(target, now);
    if (hindrance && hindrance.reason !== 'cooldown') return undefined;
    if (!tried && occasion !== 'nothing else' && !target.cooldown.worthWaiting) return undefined;
    const restMs = Math.max(hindrance?.leftMs ?? 0, tried?.retryAfterMs ?? 0);
    // With nothing else left only a rest is too long to wait for: dice must not decide how often a target is repeated.
    if (restMs > this.#parts.retries.maxWaitMs) return undefined;
    return tried ? Math.max(restMs, backoffMs(tried.repeats, this.#parts.random)) : restMs;
  }

  #mayRepeat({ repeats, verdict, repeatable, retryAfterMs }: Tried, occasion: Occasion): boolean {
    if (repeats >= this.#parts.call.maxRetries || repeatable === false) return false;
    // Who said when to come back is believed; who is merely overloaded is asked again only when nobody else is left.
    const isExpected = verdict.rest === 'target' && retryAfterMs > 0;
    if (repeatable === true || verdict.repeat === 'rested' || isExpected) return true;
    if (verdict.repeat === 'once' && occasion === 'lone') return repeats < 1;
    return verdict.repeat !== 'never' && occasion === 'nothing else';
  }

  #hindrance(target: Target, now: number): Hindrance | undefined {
    const { registry } = this.#parts;
    // With nowhere else to go a quarantine would only hide the provider's own error from the caller; a rest still counts.
    if (this.#alone) return registry.rest(target, now);
    return registry.hindrance(target, this.#credentialAt(target), now);
  }

  #isDead(target: Target): boolean {
    return this.#deadCredentials?.has(this.#credentialAt(target)) === true;
  }

  #credentialAt({ endpoint }: Target): string {
    return this.#parts.call.credentialOf?.(endpoint) ?? endpoint.credential();
  }

  #remember(target: Target, tried: Tried): void {
    this.#tried ??= new Map();
    this.#tried.set(target, tried);
  }
}
