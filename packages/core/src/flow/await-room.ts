import { type Line, wait } from '../base/signal.js';
import type { Target } from '../targets/target.js';
import { fullFor } from './full.js';
import { leaveLines, waitIn } from './lines.js';
import type { Run } from './run.js';
import type { Full } from './step.js';

/** What a wait for room came to: the call looks around again, it has waited for too long, or it is not wanted any more. */
export type AfterRoom = 'look again' | 'no room' | 'left';

/**
 * Waits for room in limits, in the line of each that is full: where a turn comes first the call looks around again, and keeps its place
 * at the head until it has taken its room, so that nobody who asks for less overtakes it.
 */
export async function awaitRoom<Reply>(run: Run<Reply>, target: Target): Promise<AfterRoom> {
  const { engine, call, plan } = run;
  const { obstacles } = plan;
  const now = run.now();
  const all = fullFor(plan, target, now);
  const [first] = all;
  if (!first) return 'look again';
  if (obstacles.waitsUntil === Number.POSITIVE_INFINITY) {
    obstacles.arrival = engine.nextArrival();
    obstacles.waitsUntil = now + engine.limits.maxWaitMs;
    run.announce.limitWaiting(first.target, first.shortage);
  }
  run.timePasses();
  const boundMs = Math.max(0, Math.min(obstacles.waitsUntil - now, run.leftMs()));
  const turn = new TurnCall();
  const hasPlace = joinAll(run, all, () => turn.call());
  if (turn.isCalled) return 'look again';
  const end = hasPlace ? await wait(boundMs, { clock: engine.clock, signal: call.signal, line: turn }) : 'over';
  if (end === 'turn') return 'look again';
  leaveLines(run);
  if (end === 'aborted') return 'left';
  plan.turnAway(first);
  return 'no room';
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
