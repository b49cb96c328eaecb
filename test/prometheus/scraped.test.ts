import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { startCollected, whatever } from './setup.js';
import { isInstalled, PACKAGE } from './tools.js';

/** What a running process answers to a scrape. */
async function serve(register: Registry): Promise<number> {
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', register.contentType);
    response.end(await register.metrics());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Asked {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** A Prometheus of our own that scrapes a port every second and knows the alert rules. */
async function startPrometheus(scraped: number) {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const port = await freePort();
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(PACKAGE, 'alerts/breakwater.rules.yml')],
      scrape_configs: [{ job_name: 'app', static_configs: [{ targets: [`127.0.0.1:${scraped}`] }] }],
    }),
  );
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn('prometheus', args, { stdio: 'ignore' });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    if (child.kill('SIGKILL')) await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  const get = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
  /** The one number that a query is answered with; undefined while there is none. */
  const ask = async (query: string): Promise<number | undefined> => {
    const { data } = (await get(`query?query=${encodeURIComponent(query)}`)) as Asked;
    return data.result[0] && Number(data.result[0].value[1]);
  };
  return { get, ask };
}

// prometheus is not everywhere; Debian's package of that name has it.
test.runIf(isInstalled('prometheus'))(
  'a real Prometheus answers with the numbers of the statistics, and can evaluate every alert (needs prometheus)',
  { timeout: 30_000 },
  async () => {
    const { client, register, seoul } = await startCollected({}, { router: { budget: { perDayUSD: 1 } } });
    const { ask, get } = await startPrometheus(await serve(register));
    const count = 'sum(breakwater_requests_total)';
    await whatever(client, true);
    await expect.poll(() => ask(count).catch(() => 0), { timeout: 10_000, interval: 100 }).toBe(1);
    seoul.fault({ kind: 'status', status: 500 });
    for (let call = 0; call < 30; call += 1) await whatever(client, call % 2 === 1);
    const { requests, attempts, failovers, targets, spent } = client.router.stats();
    await expect.poll(() => ask(count), { timeout: 10_000, interval: 100 }).toBe(requests.succeeded);
    expect(requests.succeeded).toBe(31);
    expect(await ask('sum(breakwater_attempts_total)')).toBe(attempts);
    expect(await ask('sum(breakwater_attempts_total{endpoint="seoul", kind="server_error"})')).toBe(
      targets['seoul/gpt-4.1']?.failed,
    );
    expect(await ask('sum(breakwater_failovers_total{from="seoul", to="tokyo"})')).toBe(failovers);
    expect(await ask('sum(breakwater_tokens_total)')).toBe(spent.inputTokens + spent.outputTokens);
    expect(await ask('sum(breakwater_cost_usd_total)')).toBeCloseTo(spent.costUSD, 9);
    expect(await ask('breakwater_breaker_state{endpoint="seoul", scope="target"}')).toBe(2);
    expect(await ask('sum(breakwater_request_duration_seconds_count)')).toBe(31);
    expect(await ask('sum(increase(breakwater_breaker_transitions_total{to="open"}[1m])) >= bool 1')).toBe(1);
    const { data } = (await get('rules')) as {
      data: { groups: { rules: { name: string; state: string; health: string; lastError?: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules.map(({ health, lastError }) => lastError ?? health)).toEqual(Array(12).fill('ok'));
    await expect
      .poll(() => ask('ALERTS{alertname="BreakwaterBreakerOpen"}'), { timeout: 10_000, interval: 200 })
      .toBe(1);
  },
);
