import { patiently } from '../base/signal.js';
import type { Failure, Outcome } from '../outcome/outcome.js';
import { retry } from '../retries/retry.js';
import type { Admitted } from './admitted.js';
import { unaffordable } from './afford.js';
import { ask } from './ask.js';
import { awaitRoom } from './await-room.js';
import { awaitStep, inTurn, passTurnOn } from './await-step.js';
import type { Call, Conclusion } from './call.js';
import type { FlowContext } from './context.js';
import { raced } from './hedge.js';
import { leaveLines } from './lines.js';
import { toldOf } from './nobody.js';
import { Run } from './run.js';
import { learnFrom, settle } from './settle.js';
import type { Step } from './step.js';
import { take } from './take.js';
import { turnAway } from './turn-away.js';

/** A call that is told at its turn that another was faster looks again after so long, in milliseconds. */
const MOMENT_MS = 100;

const HELD_BACK: Failure<never> = Object.freeze({
  kind: 'limit_exceeded',
  message: 'held back, because most calls of the model are refused (limits.throttle)',
});

/**
 * The way of every call, streamed or not, from the plan to the answer. Nothing is thrown in here: the conclusion holds either an
 * answer or the failure to show, and how it came to that.
 */
export async function execute<Reply>(engine: FlowContext, call: Call<Reply>): Promise<Conclusion<Reply>> {
  // The plan is made anew for every call: what is the first choice is decided by what is known now, not by what was used last.
  const run = new Run(engine, call);
  run.announce.requestStarted(call);
  // Every request earns a little of the retry budget before it may spend any.
  if (!call.continues) {
    engine.budget.deposit();
    engine.hedging?.budget.deposit();
  }
  // A call is what finds out that an endpoint should be looked at: an idle client owns no timer.
  engine.checkup.called(run.startedAt);

  let outcome: Outcome<Reply>;
  try {
    // What the budget does not allow is not counted as held back; what goes on for another call was let through with that.
    const refusal = call.continues ? undefined : (unaffordable(engine, call) ?? heldBack(run));
    const first = refusal ? undefined : admit(run);
    const admitted = first instanceof Promise ? await first : first;
    if (!admitted) outcome = refusal ?? run.nobody();
    else if (run.mayHedge) outcome = await raced(run, admitted);
    else outcome = learnFrom(run, admitted, await ask(run, admitted));
    if (admitted && outcome.kind !== 'ok') outcome = await goOn(run, admitted, outcome);
    if (outcome.kind !== 'ok') outcome = await lastResort(run, run.toShow(outcome));
  } catch (cause) {
    outcome = giveUp(run, cause);
  }
  leaveLines(run);
  run.conclude(outcome);
  return { outcome, route: run.route(), skipped: run.plan.skipped.map(toldOf), failedAt: run.failedAt };
}

/** The failure of a call that is held back; undefined for most. */
function heldBack<Reply>({ engine, call, startedAt }: Run<Reply>): Failure<never> | undefined {
  return engine.throttleOf(call.model ?? '')?.holdsBack(startedAt, engine.random) ? HELD_BACK : undefined;
}

/**
 * Finds the next target and takes its permit last of all, so that no wait and no other gate can hold a permit. Answers at once unless
 * there is a wait.
 */
function admit<Reply>(run: Run<Reply>): Admitted | undefined | Promise<Admitted | undefined> {
  const { call, plan } = run;
  for (;;) {
    if (call.signal?.aborted) return undefined;
    const now = run.now();
    const step = plan.next(now);
    run.reportSkipped();
    if (!step) {
      // Others are not kept waiting while the user's own answer is made.
      leaveLines(run);
      return undefined;
    }
    if (!run.payFor(step)) {
      // Another model is no repeat of what failed.
      if (!plan.course.leave(step.target.model)) return undefined;
      continue;
    }
    if (plan.hindrance(step.target, now)?.shortage) return admitWithRoom(run, step);
    if (step.delayMs > 0) return admitLater(run, step);
    const admitted = take(run, step, now);
    leaveLines(run);
    if (admitted) return admitted;
    if (step.last) return admitLater(run, { ...step, delayMs: MOMENT_MS });
    // The plan only looks; where dice decide about probes, they are thrown when a permit is asked for.
    plan.passOver(step.target, now);
  }
}

async function admitWithRoom<Reply>(run: Run<Reply>, { target }: Step): Promise<Admitted | undefined> {
  if (run.engine.limits.onLimit === 'reject') turnAway(run.plan, target, run.now());
  else if ((await awaitRoom(run, target)) === 'left') return undefined;
  return admit(run);
}

async function admitLater<Reply>(run: Run<Reply>, planned: Step): Promise<Admitted | undefined> {
  const { plan } = run;
  leaveLines(run);
  const step = inTurn(run, planned);
  const after = await awaitStep(run, step);
  if (after === 'left') return undefined;
  if (after === 'look again') return admit(run);
  const now = run.now();
  const admitted = take(run, step, now);
  if (admitted) return admitted;
  if (after === 'take turn') passTurnOn(run, step.target);
  if (!step.last) plan.passOver(step.target, now);
  return admit(run);
}

/** Something threw that nobody has caught. A call ends all the same, and an attempt that was under way gives its permits back. */
function giveUp<Reply>(run: Run<Reply>, cause: unknown): Failure<Reply> {
  const failure: Failure<Reply> = { kind: 'caller_error', message: 'the call could not be made', cause };
  if (run.underWay) settle(run, run.underWay, failure);
  return failure;
}

/** Asks one target after the other, until one answers or there is nobody left to ask. */
function goOn<Reply>(run: Run<Reply>, first: Admitted, failure: Failure<Reply>): Promise<Outcome<Reply>> {
  let admitted = first;
  return retry<Outcome<Reply>>(failure, {
    round: async () => learnFrom(run, admitted, await ask(run, admitted)),
    satisfied: (result) => result.kind === 'ok',
    // Who is next is asked only after the failure has been learned from: the failed target may be resting by now.
    again: async () => {
      const next = await admit(run);
      if (next) admitted = next;
      return next !== undefined;
    },
  });
}

/** The user's own answer, when everything failed that could have answered; never for the caller's own mistake or abort. */
async function lastResort<Reply>(run: Run<Reply>, failure: Failure<Reply>): Promise<Outcome<Reply>> {
  const { call } = run;
  const isFinal = failure.kind === 'caller_abort' || failure.kind === 'caller_error';
  if (isFinal || !call.lastResort) return failure;
  // A last resort that fails itself must not hide what happened before it.
  const ask = async () => call.lastResort?.(failure, run.way());
  const work = ask().catch((error: unknown) => run.engine.complain('lastResort failed', error));
  // A caller who leaves is not kept waiting; a signal that ended with the time of the call is nobody's leave.
  const signal = call.signal?.aborted ? undefined : call.signal;
  const reply = await patiently(work, { ms: run.lastResortMs(), clock: run.engine.clock, signal });
  if (reply === undefined) return signal?.aborted ? run.aborted() : failure;
  run.usedLastResort();
  run.announce.lastResortUsed(failure);
  return { kind: 'ok', reply };
}
