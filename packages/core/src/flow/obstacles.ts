import type { Demand } from '../limits/limit.js';
import type { Quarantine } from '../limits/quarantine.js';
import type { Turn } from '../limits/target-limits.js';
import type { TokenEstimate } from '../outcome/usage.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';

const NO_TOKENS: Demand = Object.freeze({ tokens: 0 });
const NOTHING: TokenEstimate = Object.freeze({ input: 0, maxOutput: 0 });

/** What is in the way of one call at each target, by the credential that this call uses there. */
export class Obstacles implements Turn {
  readonly #registry: TargetRegistry;
  readonly #call: Call<unknown>;
  readonly priority: number;
  /** Its place among those who wait for room in limits: behind all of them, until it waits itself. */
  arrival = Number.POSITIVE_INFINITY;
  /** Until when it waits for room at the longest; infinite as long as it has not. */
  waitsUntil = Number.POSITIVE_INFINITY;
  #estimate: TokenEstimate | undefined;

  constructor(registry: TargetRegistry, call: Call<unknown>) {
    this.#registry = registry;
    this.#call = call;
    this.priority = call.priority ?? 0;
  }

  /** What keeps the call from asking a target now; undefined when nothing does. */
  at(target: Target, now: number): Hindrance | undefined {
    const credential = this.credentialAt(target);
    return this.#registry.hindrance(target, credential, now) ?? this.#limit(target, credential, now);
  }

  /** The same at a time to come, as far as it is known now; there may be room in limits by then. */
  later(target: Target, then: number): Hindrance | undefined {
    return this.#registry.hindrance(target, this.credentialAt(target), then);
  }

  /**
   * What keeps it with nowhere else to go. A quarantine would only hide the provider's own error from the caller, and a rest that nobody named
   * would only lose calls; what counts is the breaker, and the time before which the provider does not want to be asked.
   */
  atTheOnlyOne(target: Target, now: number): Hindrance | undefined {
    const rest = this.#registry.namedRest(target, now);
    const quarantine = this.quarantineOf(target, now);
    const leftMs = quarantine.askedLeftMs(now);
    if (leftMs > (rest?.leftMs ?? 0)) return { reason: 'quarantine', because: quarantine.reason, leftMs };
    return rest ?? this.limit(target, now);
  }

  /** The limit that has no room for the call at a target; undefined when there is room in all of them. */
  limit(target: Target, now: number): Hindrance | undefined {
    return this.#limit(target, this.credentialAt(target), now);
  }

  #limit(target: Target, credential: string, now: number): Hindrance | undefined {
    const { limits } = target;
    if (limits.isFree(credential)) return undefined;
    const shortage = limits.shortage(credential, this.demandAt(target, credential, now), { turn: this, now });
    // Who has room, but not before others have had theirs, waits as well.
    return shortage && { reason: 'limit', leftMs: Math.max(1, shortage.waitMs), shortage };
  }

  /** Whether its key or its model was refused, and that has not been forgotten. */
  isRefused(target: Target, now: number): boolean {
    return this.at(target, now)?.reason === 'quarantine';
  }

  /** Of the quarantines of a target and of its credential the one whose provider asked for more time. */
  quarantineOf(target: Target, now: number): Quarantine {
    const ofTarget = target.quarantine;
    const ofCredential = this.#registry.knownCredential(this.credentialAt(target));
    return ofCredential && ofCredential.askedLeftMs(now) > ofTarget.askedLeftMs(now) ? ofCredential : ofTarget;
  }

  /** The name of the credential that the call uses at a target. */
  credentialAt({ endpoint }: Target): string {
    return this.#call.credentialOf?.(endpoint) ?? endpoint.credential();
  }

  /** How many tokens the call will take, about; asked for once, and only where limits are. */
  get estimate(): TokenEstimate {
    this.#estimate ??= this.#call.estimate?.() ?? NOTHING;
    return this.#estimate;
  }

  /** What the call takes from limits at a target. */
  demandAt({ limits }: Target, credential: string, now: number): Demand {
    if (!limits.countsTokens(credential)) return NO_TOKENS;
    return { tokens: limits.habits.tokensOf(this.estimate, now) };
  }
}
