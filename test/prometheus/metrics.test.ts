import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collectable, collect } from '@breakwater/prometheus';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { COUNTERS, FLUXGATE, HISTOGRAMS, type MetricDefinition } from '../../packages/prometheus/src/definitions.js';
import { GAUGES } from '../../packages/prometheus/src/gauges.js';
import { DEFAULTS } from '../../packages/prometheus/src/options.js';
import { start } from '../client/setup.js';
import { readPage } from '../docs/page.js';
import { MARKERS, storm } from './setup.js';
import { dashboard, dashboardExpressions, type Expression, isInstalled, promtool, ruleExpressions } from './tools.js';

const hasPromtool = isInstalled('promtool');

/** The series of a scrape: the labels that each name comes with, by name. */
function labelsIn(scrape: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of scrape.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    const known = found.get(name) ?? new Set<string>();
    found.set(name, known);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
  }
  return found;
}

/** What Prometheus adds to each series. */
const ADDED = ['job', 'instance'];

/** What an expression asks for that is not in a scrape. */
function missingIn({ where, expr }: Expression, scraped: ReturnType<typeof labelsIn>): readonly string[] {
  const names = [...new Set(expr.match(/breakwater_\w+/g))];
  const unknown = names.filter((name) => !scraped.has(name)).map((name) => `${where} asks for ${name}`);
  if (names.length === 0) return [`${where} asks for nothing of ours: ${expr}`];
  const known = new Set([...ADDED, ...names.flatMap((name) => [...(scraped.get(name) ?? [])])]);
  const matched = [...expr.matchAll(/(\w+) *(?:=~|!~|!=|=) *"/g)].map(([, label = '']) => label);
  const grouped = [...expr.matchAll(/by \((.*?)\)/g)].flatMap(([, list = '']) => list.split(/, */));
  const strange = [...matched, ...grouped].filter((label) => !known.has(label));
  return [...unknown, ...strange.map((label) => `${where} asks for the label ${label}`)];
}

let past: ReturnType<typeof storm> | undefined;

/** The storm takes a second: once is enough for those who only read. */
const aftermath = () => {
  past ??= storm();
  return past;
};

describe('after everything has happened to a client', { timeout: 30_000 }, () => {
  test('each metric has a sample, with the labels that it is said to have', async () => {
    const { scrape } = await aftermath();
    const scraped = labelsIn(scrape);
    const told = new Map([...scraped].map(([name, labels]) => [name.replace(/_bucket$/, ''), labels]));
    const prefixed = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS), ...GAUGES].map((one) => ({
      ...one,
      name: `${DEFAULTS.prefix}${one.name}`,
    }));
    for (const { name, labels } of [...prefixed, ...Object.values(FLUXGATE)] as MetricDefinition[]) {
      expect([name, ...(told.get(name) ?? [])].sort()).toEqual(
        [name, 'client', ...labels, ...(scraped.has(`${name}_bucket`) ? ['le'] : [])].sort(),
      );
    }
  });

  test('every name and label of the dashboard and of the alert rules is in the scrape', async () => {
    const { scrape } = await aftermath();
    const scraped = labelsIn(scrape);
    const expressions = [...dashboardExpressions(), ...ruleExpressions()];
    expect(expressions.length).toBeGreaterThan(50);
    expect(expressions.flatMap((one) => missingIn(one, scraped))).toEqual([]);
    const planted = { where: 'here', expr: 'sum by (modell) (breakwater_request_total{out="ok"})' };
    expect(missingIn(planted, scraped)).toEqual([
      'here asks for breakwater_request_total',
      'here asks for the label out',
      'here asks for the label modell',
    ]);
  });

  test('no key, prompt, answer or id of a request is in the scrape', async () => {
    const { scrape, json, requestIds } = await aftermath();
    expect(requestIds.length).toBeGreaterThan(10);
    const told = scrape + json;
    expect(told).toContain('seoul');
    for (const marker of [MARKERS.prompt, MARKERS.answer, ...MARKERS.keys, 'canary', 'word1', ...requestIds])
      expect(told).not.toContain(marker);
  });

  test.runIf(hasPromtool)('promtool finds nothing to say about the scrape (needs promtool)', async () => {
    const { scrape } = await aftermath();
    expect(promtool(['check', 'metrics'], scrape)).toEqual({ code: 0, said: '' });
    expect(promtool(['check', 'metrics'], '# TYPE a counter\na 1\n').said).toContain('should have "_total" suffix');
  });
});

describe.runIf(hasPromtool)('promtool (where it is installed)', () => {
  test('accepts the alert rules, and their tests pass', () => {
    const checked = promtool(['check', 'rules', 'breakwater.rules.yml']);
    expect(checked).toMatchObject({ code: 0, said: expect.stringContaining('SUCCESS: 12 rules found') });
    expect(promtool(['test', 'rules', 'breakwater.rules.test.yml'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('SUCCESS'),
    });
  });

  test('can read every query of the dashboard', () => {
    const rules = dashboardExpressions().map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-rules-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'dashboard.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules }] }));
    const { code, said } = promtool(['check', 'rules', file]);
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining(`${rules.length} rules found`) });
  });
});

test('every alert is tested', () => {
  const alerts = ruleExpressions().map(({ where }) => where.replace('the alert ', ''));
  const tests = readPage('packages/prometheus/alerts/breakwater.rules.test.yml');
  expect(alerts).toHaveLength(12);
  for (const alert of alerts) expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n.*\\n +exp_alerts:`));
});

test('no two panels of the dashboard lie on each other or share an id', () => {
  const { panels } = dashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  );
  expect(new Set(places).size).toBe(places.length);
  for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
});

/** The table of the docs, from the definitions. */
function table(): string {
  const kinds: readonly (readonly [string, readonly MetricDefinition[]])[] = [
    ['counter', Object.values(COUNTERS)],
    ['histogram', Object.values(HISTOGRAMS)],
    ['gauge', GAUGES],
  ];
  const rows = kinds.flatMap(([kind, all]) =>
    all.map(({ name, labels, help }) => {
      const listed = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${DEFAULTS.prefix}${name}\` | ${kind} | ${listed} | ${help} |`;
    }),
  );
  return rows.join('\n');
}

/** Without the blanks that a formatter puts into tables. */
const plain = (markdown: string) => markdown.replace(/ +\|/g, ' |').replace(/\| +/g, '| ');

test('the table of the docs is that of the definitions', () => {
  const page = plain(readPage('docs/prometheus.md'));
  for (const row of plain(table()).split('\n')) expect(page).toContain(row);
  const told = page.match(/^\| `breakwater_\w+`/gm) ?? [];
  expect(told).toHaveLength(table().split('\n').length);
});

test('what the registry is told are the definitions', async () => {
  const register = new Registry();
  const { client } = await start();
  const undo = collect(client, { register, prefix: 'mine:', fluxgateNames: true });
  const names = (await register.getMetricsAsJSON()).map(({ name }) => name);
  undo();
  const all = [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS), ...GAUGES].map(({ name }) => `mine:${name}`);
  expect(names.sort()).toEqual([...all, ...Object.values(FLUXGATE).map(({ name }) => name)].sort());
});

test('the events of the docs are those that are listened to', async () => {
  const heard: string[] = [];
  const { client } = await start();
  const on: Collectable['on'] = (name) => {
    heard.push(name);
    return () => {};
  };
  collect({ on, router: client.router }, { register: new Registry() })();
  const [, section = ''] = readPage('docs/prometheus.md').match(/^## Events$(.*?)^## /ms) ?? [];
  expect([...section.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name).sort()).toEqual(heard.sort());
});
