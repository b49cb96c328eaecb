import type { BreakerSnapshot } from '../breaker/breaker.js';
import type { TargetRegistry } from '../targets/registry.js';

/** A target as it is now. */
export interface TargetStatus {
  readonly target: string;
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly model: string;
  /** Whether it would be asked now, and if not, why not. */
  readonly state: 'ready' | 'probing' | 'open' | 'cooling' | 'quarantined';
  /** Milliseconds until it may be asked again; 0 when it may be now. */
  readonly readyInMs: number;
  readonly breaker: BreakerSnapshot;
}

/** Every target met so far. */
export interface Status {
  readonly targets: readonly TargetStatus[];
}

const STATES = { breaker: 'open', cooldown: 'cooling', quarantine: 'quarantined' } as const;

/** Reads the state of every target; changes nothing. */
export function statusOf(registry: TargetRegistry, now: number): Status {
  const targets: TargetStatus[] = [];
  for (const target of registry.all()) {
    const { id, endpoint, model } = target;
    const hindrance = registry.hindrance(target, endpoint.credential(), now);
    const free = target.breaker.peek(now) === 'probe' ? 'probing' : 'ready';
    targets.push({
      target: id,
      endpoint: endpoint.id,
      region: endpoint.region,
      model,
      state: hindrance ? STATES[hindrance.reason] : free,
      readyInMs: hindrance?.leftMs ?? 0,
      breaker: target.breaker.snapshot(now),
    });
  }
  return { targets };
}
