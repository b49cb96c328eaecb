import { expect, test } from 'vitest';
import type { Mark } from '../../../packages/core/src/breaker/breaker.js';
import type { BreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { Observer } from './observer.js';

/**
 * Small numbers make the same states with fewer steps; the window and the decay are far longer than any path. A share of failures
 * would make every count a state of its own; it is tried by the properties.
 */
const SMALL: BreakerOptions = {
  failureStreak: 2,
  failureRate: false,
  windowMs: 1e9,
  levelDecayMs: 1e9,
  openMs: 10,
  maxOpenMs: 20,
  jitter: 0,
  probes: 2,
  closeAfter: 2,
  leaseMs: 50,
};

const MOST_UNDER_WAY = 3;
/** A sound breaker has far fewer; a fault may make them endless. */
const MOST_STATES = 1_000;
const MARKS: readonly Mark[] = ['success', 'failure', 'ignored'];

/** `a` acquires, `t` waits for the next thing that is due, `o` and `n` settle the oldest and the newest call. */
type Move = 'a' | 't' | `${'o' | 'n'}${Mark}`;

function moves(observer: Observer): Move[] {
  const open = observer.unsettled.length;
  const possible: Move[] = ['t'];
  if (open < MOST_UNDER_WAY) possible.push('a');
  if (open > 0) for (const mark of MARKS) possible.push(`o${mark}`);
  if (open > 1) for (const mark of MARKS) possible.push(`n${mark}`);
  return possible;
}

function make(observer: Observer, move: Move): void {
  if (move === 'a') observer.acquire();
  else if (move === 't') observer.tick(nextDue(observer));
  else {
    const call = observer.unsettled.at(move[0] === 'o' ? 0 : -1);
    if (call) observer.settle(call, move.slice(1) as Mark);
  }
}

/** Milliseconds until the wait ends or the oldest probe is overdue, else a moment. */
function nextDue({ breaker, now, unsettled, options }: Observer): number {
  const ages = unsettled.filter((call) => call.permit.probe).map((call) => options.leaseMs - (now - call.issuedAt));
  return Math.min(...[breaker.snapshot(now).openForMs, ...ages, 100].filter((ms) => ms > 0));
}

/** What distinguishes two situations for the future; instants are taken as ages, and eras as "now" or "over". */
function keyOf(observer: Observer): string {
  const { breaker, now, era, streak, successes, unsettled, options } = observer;
  const calls = unsettled.map((call) => {
    const age = call.permit.probe && call.era === era ? Math.min(now - call.issuedAt, options.leaseMs) : 0;
    return `${call.era === era ? 'live' : 'late'}:${call.permit.probe}:${age}`;
  });
  const { state, level, openForMs } = breaker.snapshot(now);
  return JSON.stringify([observer.state, state, level, openForMs, streak, successes, calls]);
}

function replay(path: readonly Move[]): Observer {
  const observer = new Observer(SMALL);
  for (const move of path) make(observer, move);
  return observer;
}

/** Walks breadth first, so that the first violation comes with a shortest path to it. */
function explore(depth: number) {
  const start = new Observer(SMALL);
  const seen = new Set([keyOf(start)]);
  let layer = [{ path: [] as Move[], next: moves(start) }];
  let transitions = 0;
  for (let step = 0; step < depth && layer.length > 0 && seen.size < MOST_STATES; step++) {
    const deeper: typeof layer = [];
    for (const { path, next } of layer) {
      for (const move of next) {
        const longer = [...path, move];
        const found = visit(longer, seen);
        transitions += 1;
        if (found !== undefined) deeper.push({ path: longer, next: found });
      }
    }
    layer = deeper;
  }
  return { states: seen.size, transitions, unexplored: layer.length };
}

/**
 * Goes a path, on which every step checks the invariants. When it leads to a new situation, a healthy target must be able to close
 * the breaker from there, and the moves that go on from it are returned.
 */
function visit(path: readonly Move[], seen: Set<string>): Move[] | undefined {
  try {
    const observer = replay(path);
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

test('every situation that can be reached keeps the invariants, and a healthy target leads out of it', () => {
  const { states, transitions, unexplored } = explore(40);
  console.log(`breaker model: ${states} states, ${transitions} transitions, ${unexplored} left to explore`);
  expect(unexplored).toBe(0);
  expect(states).toBeGreaterThan(300);
});
