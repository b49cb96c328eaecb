import { type Line, wait } from '../base/signal.js';
import type { Target } from '../targets/target.js';
import { repeatInMs, roomLeftMs } from './again.js';
import { fullFor } from './full.js';
import { leaveLines, waitIn } from './lines.js';
import type { Plan } from './plan.js';
import type { Run } from './run.js';
import type { Full } from './step.js';
import { latestInMs } from './time-left.js';
import { turnAway } from './turn-away.js';

/** What a wait for room came to: the call looks around again, or it is not wanted any more. */
export type AfterRoom = 'look again' | 'left';

/** Whoever waits for room looks around after so long at the earliest, in milliseconds, when others seem to be back: many do so at the same time. */
const LEAST_MS = 100;

/**
 * Waits for room in limits, in the line of each that is full: where a turn comes first the call looks around again, and keeps its place
 * at the head until it has taken its room, so that nobody who asks for less overtakes it. It looks around, too, when a target is back that
 * something else has kept it from, and when it has waited for as long as it may: then it is turned away, and goes on to others.
 */
export async function awaitRoom<Reply>(run: Run<Reply>, target: Target): Promise<AfterRoom> {
  const { engine, call, plan } = run;
  const { obstacles } = plan;
  const now = run.now();
  const all = fullFor(plan, target, now);
  const [first] = all;
  if (!first) return 'look again';
  if (obstacles.arrival === Number.POSITIVE_INFINITY) {
    obstacles.arrival = engine.nextArrival();
    run.announce.limitWaiting(first.target, first.shortage);
  }
  run.timePasses();
  const turn = new TurnCall();
  const hasPlace = joinAll(run, all, () => turn.call());
  if (turn.isCalled) return 'look again';
  const isLast = plan.isAlone || plan.course.isOver || engine.limits.onLimit !== 'reroute';
  const longestMs = roomLeftMs(plan, isLast);
  // A line without a place is as good as a wait that is over.
  if (!hasPlace) {
    obstacles.waitedMs += longestMs;
    turnAway(plan, first.target, now);
    return 'look again';
  }
  const boundMs = Math.max(0, Math.min(longestMs, latestInMs(run.leftMs(), call.timeoutMs)));
  const waitMs = Math.min(boundMs, Math.max(LEAST_MS, backInMs(plan, now)));
  const end = await wait(waitMs, { clock: engine.clock, signal: call.signal, line: turn });
  if (end === 'aborted') {
    leaveLines(run);
    return 'left';
  }
  const then = run.now();
  obstacles.waitedMs += then - now;
  if (end === 'over' && waitMs === boundMs) turnAway(plan, first.target, then);
  return 'look again';
}

/** Milliseconds until the first target is back that something else than want of room keeps the call from. */
function backInMs(plan: Plan, now: number): number {
  if (plan.source.limits.onLimit !== 'reroute') return Number.POSITIVE_INFINITY;
  const all = plan.course.legs.flatMap((leg) => leg.flatMap((target) => backAt(plan, target, now) ?? []));
  return Math.min(...all);
}

function backAt(plan: Plan, target: Target, now: number): number | undefined {
  const tried = plan.triedOf(target);
  if (plan.isDead(target) || tried?.mayRepeat('nothing else', plan.call.maxRetries) === false) return undefined;
  const hindrance = plan.hindrance(target, now);
  if (hindrance === undefined) return tried && repeatInMs(plan, target, { now, occasion: 'nothing else' });
  if (hindrance.reason === 'limit') return undefined;
  // All that stand in a line must not come to a rested target at the same instant.
  const afterMs = hindrance.reason === 'cooldown' ? plan.obstacles.cooldownAt(target, now).queueMs(now) : 0;
  return hindrance.leftMs + afterMs;
}

/** The lines are joined before the wait begins, and may call at once. */
class TurnCall implements Line {
  isCalled = false;
  #end: (() => void) | undefined;

  call(): void {
    this.isCalled = true;
    this.#end?.();
  }

  join(end: () => void): () => void {
    this.#end = end;
    return () => {
      this.#end = undefined;
    };
  }
}

/** Joins the lines of all limits that are full; false when none has a place left. */
function joinAll<Reply>(run: Run<Reply>, all: readonly Full[], turn: () => void): boolean {
  const { engine, plan } = run;
  const { priority, arrival } = plan.obstacles;
  const places = new Map<unknown, { leave(): void }>();
  for (const { target, credential, shortage } of all) {
    const { limiter } = shortage;
    if (places.has(limiter)) continue;
    const demand = plan.obstacles.demandAt(target, credential, run.now());
    const place = limiter.line.join({ priority, arrival, demand, turn }, engine.clock);
    if (place) places.set(limiter, place);
  }
  waitIn(run, [...places.values()]);
  return places.size > 0;
}
