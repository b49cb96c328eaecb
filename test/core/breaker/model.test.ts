import { describe, expect, test } from 'vitest';
import type { Mark } from '../../../packages/core/src/breaker/breaker.js';
import { type ObservedOptions, Observer } from './observer.js';

/**
 * Small numbers make the same states with fewer steps; the window and the decay are far longer than any path. A share of failures
 * would make every count a state of its own; it is tried by the properties.
 */
const SMALL: ObservedOptions = {
  failureStreak: 3,
  failureRate: false,
  windowMs: 1e9,
  levelDecayMs: 1e9,
  openMs: 10,
  maxOpenMs: 40,
  jitter: 0,
  probes: 1,
  closeAfter: 2,
  leaseMs: 60,
};

const MOST_UNDER_WAY = 3;
/** A sound breaker has fewer; a fault may make them endless. */
const MOST_STATES = 20_000;
const MARKS: readonly Mark[] = ['success', 'failure', 'ignored'];

/**
 * `a` acquires, `t` waits for the next thing that is due, `h` for a third of a lease at the most, `l` until the oldest probe has lost its
 * lease; `o` and `n` settle the oldest and the newest call, `r` gives the place of the newest back.
 */
type Move = 'a' | 't' | 'h' | 'l' | 'r' | `${'o' | 'n'}${Mark}`;

function moves(observer: Observer): Move[] {
  const open = observer.unsettled.length;
  const possible: Move[] = ['t'];
  if (open < MOST_UNDER_WAY) possible.push('a');
  if (observer.leases > 0) possible.push('h', 'l');
  if (open > 0) possible.push('r', ...MARKS.map((mark): Move => `o${mark}`));
  if (open > 1) possible.push(...MARKS.map((mark): Move => `n${mark}`));
  return possible;
}

function make(observer: Observer, move: Move): void {
  if (move === 'a') observer.acquire();
  else if (move === 't') observer.tick(Math.min(...dues(observer), 100));
  else if (move === 'h') observer.tick(Math.min(...dues(observer), observer.options.leaseMs / 3));
  else if (move === 'l') observer.tick(Math.min(...leasesLeft(observer)));
  else {
    const call = observer.unsettled.at(move[0] === 'o' ? 0 : -1);
    if (call && move === 'r') observer.release(call);
    else if (call) observer.settle(call, move.slice(1) as Mark);
  }
}

/** Milliseconds that the probes of now have left. */
function leasesLeft({ now, era, unsettled, options }: Observer): number[] {
  const probes = unsettled.filter((call) => call.permit.probe && call.era === era && !call.released);
  return probes.map((call) => options.leaseMs - (now - call.issuedAt)).filter((ms) => ms > 0);
}

/** Milliseconds until the wait ends or a probe is overdue; a probe that has come back once is no matter of time any more. */
function dues(observer: Observer): number[] {
  const { openForMs } = observer.breaker.snapshot(observer.now);
  return openForMs > 0 ? [openForMs] : leasesLeft(observer);
}

/** What distinguishes two situations for the future; instants are taken as ages, and eras as "now" or "over". */
function keyOf(observer: Observer): string {
  const { breaker, now, era, streak, successes, unsettled, options } = observer;
  const calls = unsettled.map((call) => {
    const kind = `${call.era === era}:${call.permit.probe}:${call.released}`;
    // A probe without a place is in no hurry, but may be slow.
    const longestMs = call.released ? (options.slowMs ?? 0) : options.leaseMs;
    const isTimed = call.era === era && call.permit.probe;
    return isTimed ? `${kind}:${Math.min(now - call.issuedAt, longestMs)}` : kind;
  });
  const { state, level, openForMs, stats } = breaker.snapshot(now);
  // While closed the streak says it all; of probes the failures count too where a tripper judges them.
  const failures = observer.state === 'half-open' ? stats.failures : 0;
  return [observer.state, state, level, openForMs, streak, successes, failures, ...calls].join();
}

/** Goes a path whose steps but the last have been checked when it was one step shorter. */
function replay(options: ObservedOptions, path: readonly Move[]): Observer {
  const observer = new Observer(options);
  observer.checks = false;
  for (const move of path.slice(0, -1)) make(observer, move);
  observer.checks = true;
  for (const move of path.slice(-1)) make(observer, move);
  return observer;
}

/** Walks breadth first, so that the first violation comes with a shortest path to it. */
function explore(options: ObservedOptions) {
  const start = new Observer(options);
  const seen = new Set([keyOf(start)]);
  const began = performance.now();
  let layer = [{ path: [] as Move[], next: moves(start) }];
  let transitions = 0;
  while (layer.length > 0 && seen.size < MOST_STATES) {
    const deeper: typeof layer = [];
    for (const { path, next } of layer) {
      for (const move of next) {
        const longer = [...path, move];
        const found = visit(options, longer, seen);
        transitions += 1;
        if (found !== undefined) deeper.push({ path: longer, next: found });
      }
    }
    layer = deeper;
  }
  return { states: seen.size, transitions, unexplored: layer.length, ms: Math.round(performance.now() - began) };
}

/**
 * Goes a path and checks the invariants at its end. When it leads to a new situation, a healthy target must be able to close the
 * breaker from there, and the moves that go on from it are returned.
 */
function visit(options: ObservedOptions, path: readonly Move[], seen: Set<string>): Move[] | undefined {
  try {
    const observer = replay(options, path);
    const key = keyOf(observer);
    if (seen.has(key)) return undefined;
    seen.add(key);
    const next = moves(observer);
    observer.recover();
    return next;
  } catch (error) {
    throw new Error(`after ${path.join(' ')}: ${(error as Error).message}`, { cause: error });
  }
}

describe('every situation that can be reached keeps the invariants, and a healthy target leads out of it', () => {
  test.each<[string, ObservedOptions]>([
    ['one probe at a time', SMALL],
    ['two probes at a time', { ...SMALL, probes: 2 }],
    ['probes that may be slow', { ...SMALL, slowMs: 20, minRequests: 1e9 }],
    ['a tripper that judges the probes', { ...SMALL, maxOpenMs: 20, probes: 2, halfOpenRate: 0.6 }],
  ])('with %s', (name, options) => {
    const { states, transitions, unexplored, ms } = explore(options);
    console.log(`breaker model, ${name}: ${states} states, ${transitions} transitions, ${ms} ms`);
    expect(unexplored).toBe(0);
    // A walk that found much less would have lost some of its moves.
    expect(states).toBeGreaterThan(2_000);
    expect(transitions).toBeGreaterThan(15_000);
  });
});
