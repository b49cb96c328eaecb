import { FREE } from '../breaker/leases.js';
import type { Target } from '../targets/target.js';
import type { Admitted, Room } from './admitted.js';
import type { Obstacles } from './obstacles.js';
import { tellRestsOver } from './rests.js';
import type { Run } from './run.js';
import type { Step } from './step.js';

/** Takes the permits for the next step of a call, which then goes on there; undefined, and nothing taken, when a breaker or a limit says no. */
export function take<Reply>(run: Run<Reply>, step: Step, now: number): Admitted | undefined {
  const { target } = step;
  const { engine, announce } = run;
  tellRestsOver(engine, now);
  if (step.isCareful) target.nudge(now);
  const mayPass = step.last === 'panic' && !step.isCareful && target.mayBePassed(now);
  const permits = permitsFor(run, target, { mayPass, now });
  if (!permits) return undefined;
  if (step.last === 'panic' || engine.untold.panics.any) announce.panicked(step, now);
  run.movedTo(step);
  run.underWay = admit(run, target, { ...permits, number: run.nextNumber(), now });
  return run.underWay;
}

/** The same for a second target beside the one that is asked. */
export function takeBeside<Reply>(run: Run<Reply>, target: Target, now: number): Admitted | undefined {
  const permits = permitsFor(run, target, { mayPass: false, now });
  return permits && admit(run, target, { ...permits, number: run.nextNumber() + 1, now });
}

type Permits = Pick<Admitted, 'permit' | 'transport'>;

function permitsFor<Reply>(
  run: Run<Reply>,
  target: Target,
  { mayPass, now }: { mayPass: boolean; now: number },
): Permits | undefined {
  // Whoever goes past a breaker is not let past a limit.
  if (run.plan.obstacles.limit(target, now)) return undefined;
  // Who may go past a breaker asks it all the same: somebody has to be its probe.
  const past = mayPass ? FREE : undefined;
  const permit = target.breaker.tryAcquire(now) ?? past;
  if (!permit) return undefined;
  const transport = target.transport.tryAcquire(now) ?? past;
  if (permit.transition) run.announce.transition(target, permit.transition);
  if (!transport) {
    permit.settle('ignored', now);
    return undefined;
  }
  if (transport.transition) run.announce.transition(target, transport.transition, 'transport');
  return { permit, transport };
}

function admit<Reply>(
  { call, plan }: Run<Reply>,
  target: Target,
  { permit, transport, number, now }: Permits & { number: number; now: number },
): Admitted {
  target.health.asked(now);
  const flight = target.meter.begin(call.streamed, now);
  const key = plan.obstacles.keyAt(target, now);
  if (key) target.keys?.used(key);
  const credential = key?.name ?? plan.obstacles.credentialAt(target, now);
  const room = roomAt(plan.obstacles, target, { credential, now });
  return { target, permit, transport, number, credential, key, startedAt: now, flight, room };
}

/** Takes room in all limits at once, which have been looked at before, at this very instant. */
function roomAt(
  obstacles: Obstacles,
  target: Target,
  { credential, now }: { credential: string; now: number },
): Room | undefined {
  const { limits } = target;
  if (limits.isFree(credential)) return undefined;
  const reservation = limits.reserve(credential, obstacles.demandAt(target, credential, now), now);
  return { estimate: limits.countsTokens(credential) ? obstacles.estimate : undefined, reservation };
}
