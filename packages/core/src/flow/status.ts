import type { BreakerSnapshot } from '../breaker/breaker.js';
import type { MeasuredTimes } from '../latency/meter.js';
import type { Demand, LimitDimension } from '../limits/limit.js';
import type { Turn } from '../limits/target-limits.js';
import type { TargetRegistry } from '../targets/registry.js';
import { type Target, toldMs } from '../targets/target.js';
import { told } from './told.js';

/** A target as it is now. */
export interface TargetStatus {
  readonly target: string;
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly model: string;
  /** Whether it would be asked now, and if not, why not. */
  readonly state: 'ready' | 'probing' | 'open' | 'cooling' | 'quarantined' | 'down' | 'limited';
  /** Milliseconds until it may be asked again; 0 when it may be now, undefined for a breaker that only somebody's hand closes. */
  readonly readyInMs: number | undefined;
  readonly breaker: BreakerSnapshot;
  /** The breaker of the connections to the endpoint, which all its targets share. */
  readonly transport: BreakerSnapshot;
  /** Calls under way, streams that are being read among them. */
  readonly inFlight: number;
  /** The decaying share of calls that succeeded, 0.05 to 1. */
  readonly successRate: number;
  /** What is left in each limit that is set or known, by what it holds for and by dimension. */
  readonly limits: Readonly<Record<string, Readonly<Partial<Record<LimitDimension, number>>>>>;
  /** How long it takes, as far as that was measured, in milliseconds. */
  readonly latency: TargetLatency;
}

/** How long a target takes, as far as that was measured, in milliseconds; undefined where nothing was. */
export interface TargetLatency extends MeasuredTimes {
  /** The shortest way to its endpoint and back that connections and probes saw of late. */
  readonly rttMs: number | undefined;
}

/** Every target met so far. */
export interface Status {
  readonly targets: readonly TargetStatus[];
}

/** The least that a call takes. */
const ONE_CALL: Demand = Object.freeze({ tokens: 0 });
const LAST: Turn = Object.freeze({ priority: 0, arrival: Number.POSITIVE_INFINITY });

const STATES = {
  breaker: 'open',
  cooldown: 'cooling',
  quarantine: 'quarantined',
  health: 'down',
  limit: 'limited',
} as const;

/** Reads the state of every target; changes nothing. */
export function statusOf(registry: TargetRegistry, now: number): Status {
  return { targets: [...registry.all()].map((target) => targetStatusOf(registry, target, now)) };
}

/** Reads the state of one target; changes nothing. */
export function targetStatusOf(registry: TargetRegistry, target: Target, now: number): TargetStatus {
  const { id, endpoint, model, breaker, transport, meter, limits } = target;
  const credential = endpoint.credential();
  const shortage = limits.shortage(credential, ONE_CALL, { turn: LAST, now });
  const full = shortage && { reason: 'limit' as const, leftMs: shortage.waitMs };
  const hindrance = registry.hindrance(target, credential, now) ?? target.sickness(now) ?? full;
  const isProbing = breaker.peek(now) === 'probe' || transport.peek(now) === 'probe';
  return {
    target: id,
    endpoint: endpoint.id,
    region: endpoint.region,
    model,
    state: hindrance ? STATES[hindrance.reason] : isProbing ? 'probing' : 'ready',
    // Never told shorter than it is: who comes back then must not be too early.
    readyInMs: toldMs(hindrance?.leftMs ?? 0),
    breaker: breaker.snapshot(now),
    transport: transport.snapshot(now),
    inFlight: meter.inFlight,
    successRate: told(meter.successRate(now)) ?? 0,
    limits: Object.fromEntries(limits.all(credential).map((limiter) => [limiter.scope, limiter.left(now)])),
    latency: latencyOf(meter.measured(now), registry.roundTripOf(endpoint.id).measuredMs),
  };
}

function latencyOf({ wholeMs, firstTokenMs, p50Ms, p95Ms, p99Ms }: MeasuredTimes, rttMs?: number): TargetLatency {
  return {
    rttMs: told(rttMs),
    wholeMs: told(wholeMs),
    firstTokenMs: told(firstTokenMs),
    p50Ms: told(p50Ms),
    p95Ms: told(p95Ms),
    p99Ms: told(p99Ms),
  };
}
