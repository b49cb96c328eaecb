import type { Quarantine } from '../limits/quarantine.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Call } from './call.js';

/** What is in the way of one call at each target, by the credential that this call uses there. */
export class Obstacles {
  readonly #registry: TargetRegistry;
  readonly #call: Call<unknown>;

  constructor(registry: TargetRegistry, call: Call<unknown>) {
    this.#registry = registry;
    this.#call = call;
  }

  /** What keeps the call from asking a target now; undefined when nothing does. */
  at(target: Target, now: number): Hindrance | undefined {
    return this.#registry.hindrance(target, this.credentialAt(target), now);
  }

  /**
   * The same with nowhere else to go. A quarantine would only hide the provider's own error from the caller, and a rest that nobody named
   * would only lose calls; what counts is the breaker, and the time before which the provider does not want to be asked.
   */
  atTheOnlyOne(target: Target, now: number): Hindrance | undefined {
    const rest = this.#registry.namedRest(target, now);
    const quarantine = this.quarantineOf(target, now);
    const leftMs = quarantine.askedLeftMs(now);
    return leftMs > (rest?.leftMs ?? 0) ? { reason: 'quarantine', because: quarantine.reason, leftMs } : rest;
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
}
