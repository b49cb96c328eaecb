import type { Process } from '../world/world.ts';
import { Latencies, lowestOf } from './choosers.ts';
import type { Chooser } from './plain-client.ts';

/** The figures of the tutorial, in milliseconds and in errors. */
const GEO = Object.freeze({ probeEveryMs: 60_000, probeTimeoutMs: 5_000, errorsUntilUnhealthy: 3 });

/** What the geo client knows of a region. */
interface Health {
  isHealthy: boolean;
  errors: number;
  readonly latencies: Latencies;
}

/**
 * The geo client as its tutorial describes it: the nearest region is preferred; else the healthy one whose probes are answered
 * fastest on average; when none is healthy, the one used last. Rate limits, timeouts and lost connections lead to the next region, any other error is the
 * caller's. `/models` of every region is asked each minute: the third error in a row makes it unhealthy, an answer healthy.
 */
export function geoClient(process: Process): Chooser {
  const { timeline, rttMs, nearest } = process;
  const preferred = nearest[0] as number;
  const healths = rttMs.map((): Health => ({ isHealthy: true, errors: 0, latencies: new Latencies() }));
  const healthOf = (region: number) => healths[region] as Health;
  let lastUsed = preferred;

  const failed = (health: Health) => {
    health.errors += 1;
    if (health.errors >= GEO.errorsUntilUnhealthy) health.isHealthy = false;
  };
  const wentWell = (health: Health, tookMs: number) => {
    health.errors = 0;
    health.isHealthy = true;
    health.latencies.add(tookMs);
  };
  const probe = (region: number) => {
    const health = healthOf(region);
    const askedAt = timeline.now();
    const timer = timeline.setTimeout(() => failed(health), GEO.probeTimeoutMs);
    process.probe(region, () => {
      timeline.clearTimeout(timer);
      wentWell(health, timeline.now() - askedAt);
    });
  };
  const probeAll = () => {
    for (const region of nearest) probe(region);
    timeline.setTimeout(probeAll, GEO.probeEveryMs);
  };
  probeAll();

  return {
    pick(regions) {
      const healthy = regions.filter((region) => healthOf(region).isHealthy);
      if (healthy.length === 0) return regions.includes(lastUsed) ? lastUsed : undefined;
      const [best] = lowestOf(healthy, (region) => healthOf(region).latencies.averageMs);
      lastUsed = healthy.includes(preferred) ? preferred : (best as number);
      return lastUsed;
    },
    goesOnAfter: (end) => end !== 'error',
  };
}
