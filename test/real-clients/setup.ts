import { startSimulator } from '@breakwater/simulator';
import type { RoutedFetch } from 'breakwater';
import { onTestFinished, vi } from 'vitest';

/**
 * Two regions, and the way to both. Nothing may leave loopback: these libraries would like to report to their makers, so every
 * request to another host is noted, and refused.
 */
export async function startRegions() {
  const strangers: string[] = [];
  const send = globalThis.fetch;
  const guarded = vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const { hostname, href } = new URL(input instanceof Request ? input.url : input);
    if (hostname === '127.0.0.1') return send(input, init);
    strangers.push(href);
    return Promise.reject(new Error(`${href} is not on loopback`));
  });
  onTestFinished(() => guarded.mockRestore());
  const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
  onTestFinished(() => simulator.close());
  const [seoul, tokyo] = [simulator.region('seoul'), simulator.region('tokyo')];
  const endpoints = [seoul, tokyo].map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `sk-${name}` }));
  const trail = () => simulator.log.map(({ region, status }) => `${region}:${status ?? '-'}`).join(' ');
  return { seoul, endpoints, trail, strangers };
}

/** Notes where calls went over to, as `from > to`. */
export function failoversOf(router: Pick<RoutedFetch, 'on'>): string[] {
  const failovers: string[] = [];
  router.on('failover', ({ from, to }) => void failovers.push(`${from} > ${to}`));
  return failovers;
}
