import type { Breaker, BreakerMode, BreakerSnapshot, Transition } from '../breaker/breaker.js';
import type { Target } from '../targets/target.js';
import { Announcer } from './announce.js';
import type { FlowContext } from './context.js';
import { type TargetStatus, targetStatusOf } from './status.js';

/** A breaker in a person's hands. Every change is announced like one of its own. Calls under way are not touched, and count no longer. */
export interface BreakerControl {
  /** Refuses every call until told otherwise. */
  open(): void;
  /** Opens for so many milliseconds. @throws RangeError unless it is a positive number */
  openFor(ms: number, reason?: string): void;
  /** Lets calls through again; observing stays observing. */
  close(): void;
  /** Closes and forgets everything, the mode too. */
  reset(): void;
  /** Lets every call through and counts nothing. */
  disable(): void;
  /** Lets every call through, counts, and tells when it would have opened. */
  observeOnly(): void;
  /** Decides by itself again. */
  auto(): void;
  /** How it stands, as plain JSON. */
  info(): BreakerSnapshot;
}

/** A target in a person's hands. */
export interface TargetControl {
  /** `endpoint/model`. */
  readonly id: string;
  readonly breaker: BreakerControl;
  /** The breaker of the connections to its endpoint, which all targets there share. */
  readonly transport: BreakerControl;
  /** How it stands, as plain JSON. */
  status(): TargetStatus;
}

/** Finds a target by its id, asked for before or not. @throws RangeError for an id that no endpoint serves */
export function controlOf(context: FlowContext, id: string): TargetControl {
  const target = targetOf(context, id);
  return {
    id,
    breaker: new Control(context, target, 'target'),
    transport: new Control(context, target, 'transport'),
    status: () => targetStatusOf(context.registry, target, context.clock.now()),
  };
}

function targetOf({ registry, clock }: FlowContext, id: string): Target {
  const target = registry.find(id, clock.now());
  if (target) return target;
  const known = registry.endpoints.map((endpoint) => `${endpoint.id}/…`).join(', ');
  throw new RangeError(`there is no target ${JSON.stringify(id)}; targets are written ${known}`);
}

class Control implements BreakerControl {
  readonly #context: FlowContext;
  readonly #target: Target;
  readonly #scope: 'target' | 'transport';

  constructor(context: FlowContext, target: Target, scope: 'target' | 'transport') {
    this.#context = context;
    this.#target = target;
    this.#scope = scope;
  }

  get #breaker(): Breaker {
    return this.#scope === 'target' ? this.#target.breaker : this.#target.transport;
  }

  open(): void {
    this.#setMode('forced-open');
  }

  openFor(ms: number, reason = 'opened by hand'): void {
    if (!(ms > 0)) throw new RangeError(`ms must be a positive number of milliseconds, but is ${ms}`);
    // Whoever opens for a while means it, whatever the mode was.
    if (this.info().mode !== 'auto') this.#setMode('auto');
    this.#announce(this.#breaker.openFor(ms, this.#now, reason));
  }

  close(): void {
    if (this.info().mode === 'forced-open') this.#setMode('auto');
    this.#announce(this.#breaker.reset(this.#now, 'closed by hand'));
  }

  reset(): void {
    this.#setMode('auto');
    this.#announce(this.#breaker.reset(this.#now));
  }

  disable(): void {
    this.#setMode('disabled');
  }

  observeOnly(): void {
    this.#setMode('observe-only');
  }

  auto(): void {
    this.#setMode('auto');
  }

  info(): BreakerSnapshot {
    return this.#breaker.snapshot(this.#now);
  }

  get #now(): number {
    return this.#context.clock.now();
  }

  #setMode(mode: BreakerMode): void {
    this.#announce(this.#breaker.setMode(mode, this.#now));
  }

  #announce(transition: Transition | undefined): void {
    if (!transition) return;
    new Announcer(this.#context, { isOfACall: false }).transition(this.#target, transition, this.#scope);
  }
}
