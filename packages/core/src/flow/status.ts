import type { BreakerSnapshot } from '../breaker/breaker.js';
import type { MeasuredTimes } from '../latency/meter.js';
import type { Cooldown } from '../limits/cooldown.js';
import type { Demand, LimitDimension } from '../limits/limit.js';
import type { Limiting } from '../limits/limiting.js';
import type { Quarantine } from '../limits/quarantine.js';
import type { Turn } from '../limits/target-limits.js';
import type { FailureKind } from '../outcome/outcome.js';
import type { TargetKey } from '../targets/keys.js';
import type { TargetRegistry } from '../targets/registry.js';
import { type Coordinates, type Hindrance, type Target, toldMs } from '../targets/target.js';
import type { FlowContext } from './context.js';
import { withKey } from './key-choice.js';
import { tellRestsOver } from './rests.js';
import { told } from './told.js';

/** A target as it is now. */
export interface TargetStatus {
  readonly target: string;
  readonly endpoint: string;
  readonly region: string | undefined;
  /** Where it is, as far as that is known. */
  readonly location?: Coordinates | undefined;
  readonly model: string;
  /** Whether it would be asked now, and if not, why not. */
  readonly state: 'ready' | 'probing' | 'open' | 'cooling' | 'quarantined' | 'down' | 'limited';
  /** Milliseconds until it may be asked again; 0 when it may be now, undefined for a breaker that only somebody's hand closes. */
  readonly readyInMs: number | undefined;
  /** `sinceMs` is for how long it has been in its state; the time in each of them is in the statistics. */
  readonly breaker: BreakerSnapshot;
  /** The breaker of the connections to the endpoint, which all its targets share. */
  readonly transport: BreakerSnapshot;
  /** The rest that the target asked for, whatever the key; undefined when there is none. */
  readonly cooldown: CooldownStatus | undefined;
  /** The endpoint does not know the model, whatever the key; undefined when it does, as far as is known. */
  readonly quarantine: QuarantineStatus | undefined;
  /** Calls under way, streams that are being read among them. */
  readonly inFlight: number;
  /** The decaying share of calls that succeeded, 0.05 to 1. */
  readonly successRate: number;
  /** What is left in each limit that is set or known, by what it holds for and by dimension. */
  readonly limits: Readonly<Record<string, Readonly<Partial<Record<LimitDimension, number>>>>>;
  /** How long it takes, as far as that was measured, in milliseconds. */
  readonly latency: TargetLatency;
  /** Its keys, in the order in which they were given; where there is one, that which is used unless a request brings its own. */
  readonly keys: readonly KeyStatus[];
}

/** A rest that was asked for. */
export interface CooldownStatus {
  /** What the target answered with. */
  readonly kind: FailureKind | undefined;
  /** Milliseconds left. */
  readonly leftMs: number;
}

/** What is unusable until something changes. */
export interface QuarantineStatus {
  /** The key itself, wherever it is used, or the model at this endpoint. */
  readonly scope: 'credential' | 'target';
  /** The failure that led to it: `auth`, `quota` or `not_found`. */
  readonly reason: string;
  /** Milliseconds left, after which it is tried again. */
  readonly leftMs: number;
}

/** One key at one target, as it is now. What is of the target, such as its breaker, is not in it. */
export interface KeyStatus {
  /** Its name, `key#2`, and never the key; of a key that is not known here, the endpoint's id. */
  readonly key: string;
  readonly state: 'ready' | 'cooling' | 'quarantined' | 'limited';
  /** Milliseconds until it may be used again; 0 when it may be now. */
  readonly readyInMs: number | undefined;
  /** The rest that was asked for with this key; that of the target where there is one key. */
  readonly cooldown: CooldownStatus | undefined;
  /** What makes it unusable at this target; of several the longest. */
  readonly quarantine: QuarantineStatus | undefined;
  /** What is left in each limit that is this key's alone, as in `limits`. */
  readonly limits: TargetStatus['limits'];
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

/** Reads the state of every target, and tells of rests that nobody has noticed to be over; changes nothing else. */
export function statusOf(context: FlowContext): Status {
  const { registry, clock } = context;
  const now = clock.now();
  tellRestsOver(context, now);
  return { targets: [...registry.all()].map((target) => targetStatusOf(registry, target, now)) };
}

/** Reads the state of one target; changes nothing. */
export function targetStatusOf(registry: TargetRegistry, target: Target, now: number): TargetStatus {
  const { id, endpoint, model, breaker, transport, meter, limits } = target;
  const hindrance = hindranceOf(registry, target, now);
  const shown = target.keys ? limits.shared : limits.all(endpoint.credential());
  const isProbing = breaker.peek(now) === 'probe' || transport.peek(now) === 'probe';
  return {
    target: id,
    endpoint: endpoint.id,
    region: endpoint.region,
    location: endpoint.location,
    model,
    state: hindrance ? STATES[hindrance.reason] : isProbing ? 'probing' : 'ready',
    // Never told shorter than it is: who comes back then must not be too early.
    readyInMs: toldMs(hindrance?.leftMs ?? 0),
    breaker: breaker.snapshot(now),
    transport: transport.snapshot(now),
    cooldown: coolingOf(target.cooldown, now),
    quarantine: quarantineOf(target.quarantine, 'target', now),
    inFlight: meter.inFlight,
    successRate: told(meter.successRate(now)) ?? 0,
    limits: leftOf(shown, now),
    latency: latencyOf(meter.measured(now), registry.roundTripOf(endpoint.id).measuredMs),
    keys: (target.keys?.all ?? [undefined]).map((key) => keyStatusOf(registry, { target, key }, now)),
  };
}

/** What keeps calls from a target: of several keys, what does with the one that may be used first. */
export function hindranceOf(registry: TargetRegistry, target: Target, now: number): Hindrance | undefined {
  const byKey = (target.keys?.all ?? [undefined]).map((key) => {
    const credential = key?.name ?? target.endpoint.credential();
    const hindrance = registry.hindrance(target, credential, now);
    return (key ? withKey(hindrance, key, now) : hindrance) ?? target.sickness(now) ?? full(target, credential, now);
  });
  return byKey.reduce((least, one) => ((one?.leftMs ?? 0) < (least?.leftMs ?? 0) ? one : least));
}

function full({ limits }: Target, credential: string, now: number): Hindrance | undefined {
  const shortage = limits.shortage(credential, ONE_CALL, { turn: LAST, now });
  return shortage && { reason: 'limit', leftMs: shortage.waitMs, shortage };
}

function keyStatusOf(
  registry: TargetRegistry,
  { target, key }: { target: Target; key: TargetKey | undefined },
  now: number,
): KeyStatus {
  const name = key?.name ?? target.endpoint.credential();
  const quarantine = longer(
    quarantineOf(registry.knownCredential(name), 'credential', now),
    quarantineOf(key?.quarantine, 'target', now),
  );
  const cooldown = coolingOf((key ?? target).cooldown, now);
  const [quarantineMs, cooldownMs] = [quarantine?.leftMs ?? 0, cooldown?.leftMs ?? 0];
  const own = target.limits.ofKey(name);
  const limitMs = Math.max(0, ...own.map((limiter) => limiter.wait(ONE_CALL, now)?.waitMs ?? 0));
  const state = quarantineMs > 0 ? 'quarantined' : cooldownMs > 0 ? 'cooling' : limitMs > 0 ? 'limited' : 'ready';
  return {
    key: name,
    state,
    readyInMs: toldMs(Math.max(quarantineMs, cooldownMs, limitMs)),
    cooldown,
    quarantine,
    limits: leftOf(own, now),
  };
}

function coolingOf(cooldown: Cooldown, now: number): CooldownStatus | undefined {
  const leftMs = Math.ceil(cooldown.leftMs(now));
  return leftMs > 0 ? { kind: cooldown.kind, leftMs } : undefined;
}

function quarantineOf(
  quarantine: Quarantine | undefined,
  scope: QuarantineStatus['scope'],
  now: number,
): QuarantineStatus | undefined {
  const leftMs = Math.ceil(quarantine?.leftMs(now) ?? 0);
  return quarantine && leftMs > 0 ? { scope, reason: quarantine.reason, leftMs } : undefined;
}

const longer = (
  one: QuarantineStatus | undefined,
  other: QuarantineStatus | undefined,
): QuarantineStatus | undefined => ((other?.leftMs ?? 0) > (one?.leftMs ?? 0) ? other : one);

const leftOf = (limiters: readonly Limiting[], now: number): TargetStatus['limits'] =>
  Object.fromEntries(limiters.map((limiter) => [limiter.scope, limiter.left(now)]));

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
