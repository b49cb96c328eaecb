import type { Cooldown } from '../limits/cooldown.js';
import type { Demand } from '../limits/limit.js';
import type { Quarantine } from '../limits/quarantine.js';
import type { Shortage, Turn } from '../limits/target-limits.js';
import type { TokenEstimate } from '../outcome/usage.js';
import type { TargetKey } from '../targets/keys.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';
import type { Findings } from './findings.js';
import { bestKey, withKey, withRest } from './key-choice.js';
import type { Full } from './step.js';

const NO_TOKENS: Demand = Object.freeze({ tokens: 0 });
const NOTHING: TokenEstimate = Object.freeze({ input: 0, maxOutput: 0 });

/** What is in the way of one call at each target, by the credential that this call uses there. */
export class Obstacles implements Turn {
  readonly #registry: TargetRegistry;
  readonly #call: Call<unknown>;
  readonly #findings: Findings;
  readonly priority: number;
  /** Its place among those who wait for room in limits: behind all of them, until it waits itself. */
  arrival = Number.POSITIVE_INFINITY;
  /** How long it has waited for room so far, in milliseconds: in lines alone, because what its attempts took was no wait. */
  waitedMs = 0;
  #estimate: TokenEstimate | undefined;

  constructor(registry: TargetRegistry, call: Call<unknown>, findings: Findings) {
    this.#registry = registry;
    this.#call = call;
    this.#findings = findings;
    this.priority = call.priority ?? 0;
  }

  /** What keeps the call from asking a target now; undefined when nothing does. */
  at(target: Target, now: number): Hindrance | undefined {
    const key = this.keyAt(target, now);
    const credential = key?.name ?? this.#given(target);
    const hindrance = this.#registry.hindrance(target, credential, now);
    return (key ? withKey(hindrance, key, now) : hindrance) ?? this.#limit(target, credential, now);
  }

  /** The same at a time to come, as far as it is known now; there may be room in limits by then. */
  later(target: Target, then: number): Hindrance | undefined {
    const key = this.keyAt(target, then);
    const hindrance = this.#registry.hindrance(target, key?.name ?? this.#given(target), then);
    return key ? withKey(hindrance, key, then) : hindrance;
  }

  /**
   * What keeps it with nowhere else to go. A quarantine would only hide the provider's own error from the caller, and a rest that nobody named
   * would only lose calls; what counts is the breaker, and the time before which the provider does not want to be asked.
   */
  atTheOnlyOne(target: Target, now: number): Hindrance | undefined {
    const cooldown = this.keyAt(target, now)?.cooldown;
    const ofKeyMs = cooldown && cooldown.namedLeftMs(now) > 0 ? cooldown.leftMs(now) : 0;
    const rest = withRest(this.#registry.namedRest(target, now), ofKeyMs);
    const quarantine = this.quarantineOf(target, now);
    const leftMs = quarantine.askedLeftMs(now);
    if (leftMs > (rest?.leftMs ?? 0)) return { reason: 'quarantine', because: quarantine.reason, leftMs };
    return rest ?? this.limit(target, now);
  }

  /** The limit that has no room for the call at a target; undefined when there is room in all of them. */
  limit(target: Target, now: number): Hindrance | undefined {
    return this.#limit(target, this.credentialAt(target, now), now);
  }

  #limit(target: Target, credential: string, now: number): Hindrance | undefined {
    const shortage = this.#shortage(target, credential, now);
    // Who has room, but not before others have had theirs, waits as well.
    return shortage && { reason: 'limit', leftMs: Math.max(1, shortage.waitMs), shortage };
  }

  #shortage(target: Target, credential: string, now: number): Shortage | undefined {
    const { limits } = target;
    if (limits.isFree(credential)) return undefined;
    return limits.shortage(credential, this.demandAt(target, credential, now), { turn: this, now });
  }

  /** The limits without room at a target that only want of room keeps the call from: where keys are full, that of each. */
  fullAt(target: Target, now: number): readonly Full[] {
    // The one that would be used first, whatever else is to be said of it: for its room the call waits in any case.
    const names = new Set([this.credentialAt(target, now)]);
    for (const key of this.#keysAt(target) ?? []) if (this.#isFree(key, now)) names.add(key.name);
    return [...names].flatMap((credential) => {
      const shortage = this.#shortage(target, credential, now);
      return shortage ? [{ target, credential, shortage }] : [];
    });
  }

  /** Whether its key or its model was refused, and that has not been forgotten. */
  isRefused(target: Target, now: number): boolean {
    return this.at(target, now)?.reason === 'quarantine';
  }

  /** Of the quarantines of a target and of its credential the one whose provider asked for more time. */
  quarantineOf(target: Target, now: number): Quarantine {
    const key = this.keyAt(target, now);
    const ofTarget = key ? longer(target.quarantine, key.quarantine, now) : target.quarantine;
    const ofCredential = this.#registry.knownCredential(key?.name ?? this.#given(target));
    return ofCredential ? longer(ofTarget, ofCredential, now) : ofTarget;
  }

  /** What rests for longer: a target, or the one of several keys that the call would use there. */
  cooldownAt(target: Target, now: number): Cooldown {
    const { cooldown } = this.keyAt(target, now) ?? target;
    return cooldown.leftMs(now) > target.cooldown.leftMs(now) ? cooldown : target.cooldown;
  }

  /** The name of the credential that the call would use at a target. */
  credentialAt(target: Target, now: number): string {
    return this.keyAt(target, now)?.name ?? this.#given(target);
  }

  /** Which of several keys the call would use at a target; undefined where there is nothing to choose. */
  keyAt(target: Target, now: number): TargetKey | undefined {
    const keys = this.#keysAt(target);
    if (!keys || keys.length === 1) return keys?.[0];
    return bestKey(
      keys.map((key) => ({
        key,
        isFree: this.#isFree(key, now),
        isDead: this.#findings.isBuried(key.name),
        waitMs: this.#restMs(key, now) || (this.#shortage(target, key.name, now)?.waitMs ?? 0),
        fullness: target.limits.fullness(key.name, now),
      })),
    );
  }

  /** Whether a target has a key that was not refused in this call, and does not rest. */
  hasFreeKey(target: Target, now: number): boolean {
    return this.#keysAt(target)?.some((key) => this.#isFree(key, now)) === true;
  }

  /** Whether every credential that the call could use at a target was refused in this call. */
  isDead(target: Target): boolean {
    const findings = this.#findings;
    if (!findings.haveBuried) return false;
    const keys = this.#keysAt(target);
    return keys ? keys.every((key) => findings.isBuried(key.name)) : findings.isBuried(this.#given(target));
  }

  #isFree(key: TargetKey, now: number): boolean {
    return this.#findings.isFresh(key) && this.#restMs(key, now) === 0;
  }

  #restMs(key: TargetKey, now: number): number {
    return Math.max(key.leftMs(now), this.#registry.knownCredential(key.name)?.leftMs(now) ?? 0);
  }

  /** The keys that the call may use; what is kept on a server belongs to the account of the first, which it was made with. */
  #keysAt({ keys, endpoint }: Target): readonly TargetKey[] | undefined {
    if (!keys || this.#call.credentialOf?.(endpoint) !== undefined) return undefined;
    return this.#call.movable ? keys.all : [keys.first];
  }

  /** The name of the credential where there is nothing to choose. */
  #given({ endpoint }: Target): string {
    return this.#call.credentialOf?.(endpoint) ?? endpoint.credential();
  }

  /** How many tokens the call will take, about; asked for once, and only where limits are. */
  get estimate(): TokenEstimate {
    this.#estimate ??= this.#call.estimate?.() ?? NOTHING;
    return this.#estimate;
  }

  /** What the call takes from limits at a target. */
  demandAt({ limits }: Target, credential: string, now: number): Demand {
    const mostTokens = limits.mostTokens(credential);
    if (mostTokens === Number.POSITIVE_INFINITY) return NO_TOKENS;
    // Callers who ask for a longer answer than there can be, and leave, must not use up the limit of a week.
    return limits.habits.demandOf(this.estimate, now, mostTokens);
  }
}

/** Of two quarantines the one whose provider asked for more time. */
const longer = (one: Quarantine, other: Quarantine, now: number): Quarantine =>
  other.askedLeftMs(now) > one.askedLeftMs(now) ? other : one;
