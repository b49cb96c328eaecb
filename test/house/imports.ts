import { importsOf, type Source } from './sources.js';

/** A rule looks at all sources and says what is wrong, one line each: where, what, and what to do. */
export type Rule = (all: readonly Source[]) => string[];

/** The floors of core. A room imports from itself and from lower floors; the files right under `src` stand above all. */
const FLOORS: Readonly<Record<string, number>> = {
  alerts: 6,
  flow: 5,
  targets: 4,
  events: 4,
  breaker: 3,
  latency: 3,
  limits: 3,
  retries: 3,
  routing: 3,
  health: 3,
  hedging: 3,
  spending: 3,
  cache: 3,
  outcome: 2,
  base: 1,
};

/** The packages that core may use; it knows no HTTP and no platform. */
const ALLOWED_IN_CORE = ['p-retry', 'eventemitter3'];

/** Two rules that answer one question. */
export function both(first: Rule, second: Rule): Rule {
  return (all) => [...first(all), ...second(all)];
}

/** Core's rooms stand on floors: what is below knows nothing of what is above, and neighbours do not meet. */
export const floors: Rule = (all) => {
  const faults: string[] = [];
  for (const source of all.filter((one) => one.pack === 'core' && one.room !== '')) {
    const own = FLOORS[source.room];
    if (own === undefined) {
      faults.push(`${source.path}:1 the room ${source.room} has no floor; give it one in test/house/imports.ts`);
      continue;
    }
    for (const { target, line } of importsOf(source)) {
      const room = target === undefined ? source.room : roomOf(target);
      if (room === source.room || (FLOORS[room] ?? Number.POSITIVE_INFINITY) < own) continue;
      const remedy = 'pass the value in from flow/, or move what both need to a lower floor';
      faults.push(`${source.path}:${line} ${source.room} (floor ${own}) imports ${room || 'index'}; ${remedy}`);
    }
  }
  return faults;
};

/** No room leads back to itself through others, in any package. */
export const roomCircles: Rule = (all) => {
  const edges = new Map<string, Map<string, string>>();
  for (const source of all.filter((one) => one.room !== '')) {
    for (const { target, line } of importsOf(source)) {
      const room = target === undefined ? '' : roomOf(target);
      if (room === '' || room === source.room) continue;
      link(edges, `${source.pack}/${source.room}`, { to: `${source.pack}/${room}`, where: `${source.path}:${line}` });
    }
  }
  const remedy = 'move what both rooms need into one of them, or to a file right under src';
  return circles(edges).map(({ where, path }) => `${where} closes a circle of rooms: ${path.join(' > ')}; ${remedy}`);
};

/** No file leads back to itself, not even through imports of types: it could not be read alone. */
export const fileCircles: Rule = (all) => {
  const edges = new Map<string, Map<string, string>>();
  for (const source of all) {
    for (const { target, line } of importsOf(source)) {
      if (target !== undefined) link(edges, source.path, { to: target, where: `${source.path}:${line}` });
    }
  }
  const remedy = 'move the types both need to a file that imports neither';
  return circles(edges).map(({ where, path }) => `${where} closes an import circle: ${path.join(' > ')}; ${remedy}`);
};

/** Core stands on two packages alone, and `openai` is a matter of the client. */
export const packages: Rule = (all) => {
  const faults: string[] = [];
  for (const source of all) {
    for (const { name, target, line } of importsOf(source)) {
      if (target !== undefined) continue;
      const where = `${source.path}:${line}`;
      if (source.pack === 'core' && !ALLOWED_IN_CORE.includes(name)) {
        faults.push(
          `${where} core imports ${name}; it may use ${ALLOWED_IN_CORE.join(' and ')} only, so hand in what it needs`,
        );
      } else if (source.pack !== 'client' && /^openai($|\/)/.test(name)) {
        faults.push(`${where} imports ${name}; only packages/client may, so move the code there`);
      }
    }
  }
  return faults;
};

function roomOf(path: string): string {
  const [room = '', ...rest] = path.split('/').slice(3);
  return rest.length > 0 ? room : '';
}

function link(
  edges: Map<string, Map<string, string>>,
  from: string,
  { to, where }: { to: string; where: string },
): void {
  const targets = edges.get(from) ?? new Map<string, string>();
  if (!targets.has(to)) targets.set(to, where);
  edges.set(from, targets);
}

/** Walks depth first; an edge back to a node on the way is a circle, told by the place where it closes. */
function circles(edges: ReadonlyMap<string, ReadonlyMap<string, string>>): { where: string; path: string[] }[] {
  const found: { where: string; path: string[] }[] = [];
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): void => {
    const here = [...way, node];
    for (const [next, where] of edges.get(node) ?? []) {
      const start = here.indexOf(next);
      if (start >= 0) found.push({ where, path: [...here.slice(start), next] });
      else if (!done.has(next)) walk(next, here);
    }
    done.add(node);
  };
  for (const node of edges.keys()) if (!done.has(node)) walk(node, []);
  return found;
}
