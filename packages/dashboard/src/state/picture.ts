import type { EndpointView, Stats, Status, TargetStatus } from 'breakwater';
import type { WatchedClient } from '../watched.js';
import type { History, KnownLimits } from './history.js';
import type { DashboardState, LimitView, ProbeView, RegionView, TargetView, Totals } from './state.js';

/** Model names come from callers, who may make them up. */
const MOST_TARGETS = 100;
const MOST_LIMITS = 100;

/** To the fifth of a second: nobody sees more, and less would look like a change each time. */
export const ROUNDED_MS = 200;

/** Everything but what changes by the second alone. */
export type Standing = Pick<DashboardState, 'totals' | 'regions' | 'targets' | 'limits'>;

/** How a client stands now. */
export function standingOf({ router }: WatchedClient, history: History, now: number): Standing {
  const all = router.status();
  const status: Status = { targets: all.targets.slice(0, MOST_TARGETS) };
  const stats = router.stats();
  return {
    totals: totalsOf(stats),
    regions: regionsOf(router.endpoints(), status, history),
    targets: Object.fromEntries(status.targets.map((target) => [target.target, targetOf(target, stats, now)])),
    limits: limitsOf(status, history.limits),
  };
}

/** Everything that there is to see, as a copy. */
export function pictureOf(client: WatchedClient, history: History, title: string): DashboardState {
  const now = Date.now();
  return {
    title,
    at: now,
    since: history.since,
    ...standingOf(client, history, now),
    lanes: history.lanes.read(now),
    series: history.counts.read(now),
    log: history.log.read(),
    alerts: history.alerts.read(),
  };
}

function totalsOf({ requests, spent, budget, ...stats }: Stats): Totals {
  return {
    ...requests,
    attempts: stats.attempts,
    failovers: stats.failovers,
    retries: stats.retries,
    rescues: stats.rescues,
    lastResorts: stats.lastResorts,
    fallbackRate: stats.fallbackRate,
    inputTokens: spent.inputTokens,
    outputTokens: spent.outputTokens,
    costUSD: spent.costUSD,
    unpriced: spent.unpriced,
    ...(budget && { budget: budget as NonNullable<Totals['budget']> }),
  };
}

function targetOf(status: TargetStatus, stats: Stats, now: number): TargetView {
  const { target, readyInMs, breaker, transport, latency } = status;
  const counts = stats.targets[target];
  const until = readyInMs === undefined || readyInMs <= 0 || readyInMs > 1e12 ? undefined : now + readyInMs;
  return {
    endpoint: status.endpoint,
    model: status.model,
    state: status.state,
    ...given('until', until === undefined ? undefined : Math.round(until / ROUNDED_MS) * ROUNDED_MS),
    mode: breaker.mode,
    breaker: breaker.state === 'closed' ? transport.state : breaker.state,
    inFlight: status.inFlight,
    successRate: Math.round(status.successRate * 1_000) / 1_000,
    ...given('p50Ms', rounded(latency.p50Ms)),
    ...given('p95Ms', rounded(latency.p95Ms)),
    ...given('firstTokenMs', rounded(latency.firstTokenMs)),
    attempts: counts?.attempts ?? 0,
    failed: counts?.failed ?? 0,
    costUSD: counts?.spent.costUSD ?? 0,
  };
}

function regionsOf(
  endpoints: readonly EndpointView[],
  { targets }: Status,
  { probes }: History,
): Record<string, RegionView> {
  return Object.fromEntries(
    endpoints.map((endpoint) => {
      const own = targets.filter((one) => one.endpoint === endpoint.id);
      return [endpoint.id, regionOf(endpoint, own, probes.read(endpoint.id))];
    }),
  );
}

function regionOf(
  { region }: EndpointView,
  targets: readonly TargetStatus[],
  probe: ProbeView | undefined,
): RegionView {
  const [first] = targets;
  const medians = targets.flatMap(({ latency }) => latency.p50Ms ?? []).sort((a, b) => a - b);
  return {
    ...given('region', region),
    ...given('location', first?.location),
    ...given('probe', probe),
    ...given('rttMs', rounded(first?.latency.rttMs ?? probe?.leastMs)),
    ...given('p50Ms', rounded(medians[Math.floor(medians.length / 2)])),
    targets: targets.length,
    ready: targets.filter(({ state }) => state === 'ready' || state === 'probing').length,
    inFlight: targets.reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}

/** Limits that several targets share are told by each of them, and shown once. */
function limitsOf({ targets }: Status, known: ReadonlyMap<string, KnownLimits>): DashboardState['limits'] {
  const limits = new Map<string, Record<string, LimitView>>();
  for (const { target, limits: shared, keys } of targets) {
    // Of several keys each has limits of its own.
    const all = [shared, ...(keys.length > 1 ? keys.map((key) => key.limits) : [])];
    for (const [scope, left] of all.flatMap((one) => Object.entries(one))) {
      if (Object.keys(left).length === 0 || limits.has(scope) || limits.size >= MOST_LIMITS) continue;
      const of = scope === target || scope === `${target} (learned)` ? known.get(target) : undefined;
      limits.set(scope, viewsOf(left, of));
    }
  }
  return Object.fromEntries(limits);
}

function viewsOf(left: Readonly<Record<string, number>>, of: KnownLimits = {}): Record<string, LimitView> {
  const all: Readonly<Record<string, number>> = of;
  return Object.fromEntries(
    Object.entries(left).map(([dimension, count]) => [dimension, { left: count, ...given('of', all[dimension]) }]),
  );
}

const rounded = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(ms));

/** A property that is there only where it has a value, because JSON drops it too. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
