import type { GroupStats, TimeInStates } from 'breakwater';
import { StormRecount } from './recount.ts';
import type { Played } from './storm.ts';

/** What was compared, and each number that is not the same on both sides. */
export interface Comparison {
  readonly differences: readonly string[];
  readonly numbers: number;
  readonly attempts: number;
  readonly undecided: number;
}

/** Compares every number of `stats()` with the recount. */
export function compare(played: Played): Comparison {
  const { stats, simulator, callers, elapsedMs } = played;
  const recount = new StormRecount(played);
  const differences = [...recount.oddities];
  let numbers = 0;
  const equal = (path: string, counted: unknown, recounted: unknown): void => {
    if (typeof counted === 'object' && counted !== null) {
      const [one, other] = [counted, recounted] as Record<string, unknown>[];
      for (const name of new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]))
        equal(`${path}.${name}`, one?.[name], other?.[name]);
      return;
    }
    numbers += 1;
    const isSame =
      typeof counted === 'number' && typeof recounted === 'number' && path.endsWith('costUSD')
        ? Math.abs(counted - recounted) < 1e-8
        : counted === recounted;
    if (!isSame) differences.push(`${path}: stats ${counted}, recount ${recounted}`);
  };
  const group = ({ attempts, succeeded, failed, abandoned, inFlight, ...more }: GroupStats): GroupStats => {
    const { failedBy, retries, failovers, streams, spent } = more;
    return { attempts, succeeded, failed, abandoned, inFlight, failedBy, retries, failovers, streams, spent };
  };

  const all = recount.group(() => true);
  equal(
    'requests',
    stats.requests,
    recount.requests(() => true),
  );
  equal('allTargets', stats.allTargets, all);
  equal('spent', stats.spent, all.spent);
  equal('attempts', stats.attempts, recount.attempts.length);
  equal('retries', stats.retries, all.retries);
  equal('failovers', stats.failovers, all.failovers.to);
  equal('fallbackRate', stats.fallbackRate, recount.requests(() => true).fallbackRate);
  equal('lastResorts', stats.lastResorts, recount.requests(() => true).lastResorts);
  equal('rescues', stats.rescues, recount.rescues().length);
  for (const [id, one] of Object.entries(stats.endpoints))
    equal(
      `endpoints ${id}`,
      one,
      recount.group((target) => target.startsWith(`${id}/`)),
    );
  for (const [id, { requests, ...one }] of Object.entries(stats.models)) {
    equal(
      `models ${id}.requests`,
      requests,
      recount.requests((caller) => caller.model === id),
    );
    equal(
      `models ${id}`,
      one,
      recount.group((target) => target.endsWith(`/${id}`)),
    );
  }
  for (const [id, one] of Object.entries(stats.targets)) {
    const mine = recount.group((target) => target === id);
    equal(`targets ${id}`, group(one), mine);
    equal(`targets ${id}.total.count`, one.total.count, mine.succeeded);
    equal(`targets ${id}.firstToken.count`, one.firstToken.count, mine.streams.committed);
    // What reached the simulator is what the simulator saw, but for what could not connect or was gone before it arrived.
    const [endpoint = '', model = ''] = id.split('/');
    const unseen = recount.of(({ sent, entry }) => `${sent.region}/${sent.model}` === id && !entry);
    equal(`log of ${id}`, one.attempts - unseen.length, simulator.requests({ region: endpoint, model }).length);
    for (const { sent, kind } of unseen)
      if (kind !== 'connect' && sent.code === undefined && sent.abortedBy === undefined)
        differences.push(`${sent.number} is not in the log, though nothing kept it away`);
    differences.push(...quantilesOf(played, id), ...timeOf(id, one.breaker?.inMs, elapsedMs));
  }
  equal('callers', stats.requests.started, callers.length);
  return { differences, numbers, attempts: recount.attempts.length, undecided: recount.undecided };
}

/** Quantiles come from buckets of a twentieth, and events tell whole milliseconds: that is how far they may be apart. */
function quantilesOf({ stats, events }: Played, id: string): string[] {
  const times = { firstToken: [] as number[], total: [] as number[] };
  for (const { name, event } of events) {
    if (!('target' in event) || event.target !== id) continue;
    if (name === 'attempt.succeeded' && 'durationMs' in event) times.total.push(event.durationMs);
    if (name === 'stream.committed' && 'firstTokenMs' in event) times.firstToken.push(event.firstTokenMs);
  }
  return (['firstToken', 'total'] as const).flatMap((what) => {
    const sorted = times[what].sort((one, other) => one - other);
    const told = stats.targets[id]?.[what];
    return (
      [
        ['p50Ms', 0.5],
        ['p95Ms', 0.95],
        ['p99Ms', 0.99],
      ] as const
    ).flatMap(([name, share]) => {
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
      const read = told?.[name];
      if (exact === undefined && read === undefined) return [];
      const isNear = exact !== undefined && read !== undefined && Math.abs(exact - read) <= 1.1 + exact * 0.03;
      return isNear ? [] : [`targets ${id}.${what}.${name}: stats ${read}, recount ${exact}`];
    });
  });
}

/** The times of a breaker are all the time there was since its target was met. */
function timeOf(id: string, inMs: TimeInStates | undefined, elapsedMs: number): string[] {
  const sum = Object.values(inMs ?? {}).reduce((all, ms) => all + ms, 0);
  const isRight = sum > 0 && sum <= elapsedMs + 5 && Object.values(inMs ?? {}).every((ms) => ms >= 0);
  return isRight ? [] : [`targets ${id}.breaker.inMs sums up to ${sum} of ${elapsedMs}`];
}
