import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the package lies. */
export const PACKAGE = fileURLToPath(new URL('../../packages/prometheus/', import.meta.url));

/** A file of the package. */
export const read = (path: string): string => readFileSync(`${PACKAGE}${path}`, 'utf8');

/** Whether a program can be run here. */
export const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** What promtool says, with its exit code. */
export function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8', cwd: `${PACKAGE}alerts` });
  return { code: status, said: `${stdout}${stderr}` };
}

/** An expression, and where it stands. */
export interface Expression {
  readonly where: string;
  readonly expr: string;
}

/** The part of a dashboard that is looked at here. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** The dashboard as Grafana reads it. */
export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { query: string } }[];
  };
}

/** The dashboard that is shipped. */
export const dashboard = (): Dashboard => JSON.parse(read('grafana/breakwater.json')) as Dashboard;

/** The queries of the dashboard, with something in the place of Grafana's variables. */
export function dashboardExpressions(): readonly Expression[] {
  const filled = (expr: string) => expr.replaceAll('$__rate_interval', '5m').replace(/\$\w+/g, '.*');
  const { panels, templating } = dashboard();
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `the panel ${title}`, expr: filled(expr) })),
  );
  const ofVariables = templating.list.flatMap(({ name, query }) => {
    const [, expr, label] =
      (typeof query === 'string' ? query : query.query).match(/^label_values\((.*), (\w+)\)$/) ?? [];
    return expr === undefined ? [] : [{ where: `the variable ${name}`, expr: `count by (${label}) (${filled(expr)})` }];
  });
  return [...ofPanels, ...ofVariables];
}

/** The expressions of the alert rules: each stands behind `expr:`, on its line or on those below that are indented more. */
export function ruleExpressions(): readonly Expression[] {
  const rules = read('alerts/breakwater.rules.yml')
    .split(/^ +- alert: /m)
    .slice(1);
  return rules.map((rule) => {
    const [, indent = '', first = '', rest = ''] = rule.match(/^( +)expr: (.*)\n((?:\1 +.*\n)*)/m) ?? [];
    const expr = `${first.replace('>-', '')} ${indent && rest}`.replace(/\s+/g, ' ').trim();
    return { where: `the alert ${rule.split('\n', 1)[0]}`, expr };
  });
}
