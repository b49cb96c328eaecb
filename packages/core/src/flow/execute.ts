import { patiently } from '../base/signal.js';
import { FREE } from '../breaker/leases.js';
import type { Answer, Ending, Failure, Outcome } from '../outcome/outcome.js';
import { retry } from '../retries/retry.js';
import type { Admitted } from './admitted.js';
import { attempt } from './attempt.js';
import type { Call, Conclusion } from './call.js';
import type { FlowContext } from './context.js';
import { learn } from './learn.js';
import { type OpenRecord, Run } from './run.js';
import type { Step } from './step.js';

/** A call that is told at its turn that another was faster looks again after so long, in milliseconds. */
const MOMENT_MS = 100;

/**
 * The way of every call, streamed or not, from the plan to the answer. Nothing is thrown in here: the conclusion holds either an
 * answer or the failure to show, and how it came to that.
 */
export async function execute<Reply>(engine: FlowContext, call: Call<Reply>): Promise<Conclusion<Reply>> {
  // The plan is made anew for every call: what is the first choice is decided by what is known now, not by what was used last.
  const run = new Run(engine, call);
  run.announce.requestStarted(call.model, call.streamed);
  // Every request earns a little of the retry budget before it may spend any.
  engine.budget.deposit();
  // A call is what finds out that an endpoint should be looked at: an idle client owns no timer.
  engine.checkup.called(run.startedAt);

  let outcome: Outcome<Reply>;
  try {
    const first = admit(run);
    const admitted = first instanceof Promise ? await first : first;
    outcome = admitted ? learnFrom(run, admitted, await ask(run, admitted)) : run.nobody();
    if (admitted && outcome.kind !== 'ok') outcome = await goOn(run, admitted, outcome);
    if (outcome.kind !== 'ok') outcome = await lastResort(run, run.toShow(outcome));
  } catch (cause) {
    outcome = giveUp(run, cause);
  }
  run.conclude(outcome);
  return { outcome, route: run.route(), skipped: run.skipped(), failedAt: run.failedAt };
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
    if (!step || !run.payFor(step)) return undefined;
    if (step.delayMs > 0) return admitLater(run, step);
    const admitted = take(run, step, now);
    if (admitted) return admitted;
    if (step.last) return admitLater(run, { ...step, delayMs: MOMENT_MS });
    // The plan only looks; where dice decide about probes, they are thrown when a permit is asked for.
    plan.passOver(step.target, now);
  }
}

async function admitLater<Reply>(run: Run<Reply>, planned: Step): Promise<Admitted | undefined> {
  const { plan } = run;
  const queueMs = planned.target.cooldown.queueMs(run.now());
  const step = queueMs === 0 ? planned : { ...planned, delayMs: planned.delayMs + queueMs };
  if (!(await run.wait(step.delayMs))) return undefined;
  const now = run.now();
  // Another call may have been told meanwhile to stay away for longer.
  if (plan.isHindered(step.target, now)) return admit(run);
  const admitted = take(run, step, now);
  if (admitted) return admitted;
  if (!step.last) plan.passOver(step.target, now);
  return admit(run);
}

function take<Reply>(run: Run<Reply>, step: Step, now: number): Admitted | undefined {
  const { target } = step;
  const credential = run.plan.obstacles.credentialAt(target);
  if (step.isCareful) target.nudge(now);
  // Who may go past a breaker asks it all the same: somebody has to be its probe.
  const past = step.last === 'panic' && !step.isCareful && target.mayBePassed(now) ? FREE : undefined;
  const permit = target.breaker.tryAcquire(now) ?? past;
  if (!permit) return undefined;
  const transport = target.transport.tryAcquire(now) ?? past;
  if (permit.transition) run.announce.transition(target, permit.transition);
  if (!transport) {
    permit.settle('ignored', now);
    return undefined;
  }
  if (transport.transition) run.announce.transition(target, transport.transition, 'transport');
  run.movedTo(step);
  target.health.asked(now);
  const flight = target.meter.begin(run.call.streamed, now);
  run.underWay = { target, permit, transport, number: run.nextNumber(), credential, startedAt: now, flight };
  return run.underWay;
}

/** Asks one target. */
function ask<Reply>(run: Run<Reply>, { target, number }: Admitted): Promise<Outcome<Reply>> {
  run.announce.attemptStarted(target, number);
  return attempt<Reply>(run, { target, number, clocks: run.clocksFor(target) });
}

/** Learns from what came back: at once, or for a stream when it has ended. */
function learnFrom<Reply>(run: Run<Reply>, admitted: Admitted, outcome: Outcome<Reply>): Outcome<Reply> {
  const { target, startedAt } = admitted;
  const record = run.record(target, outcome, run.engine.clock.now() - startedAt);
  if (outcome.kind === 'ok' && outcome.ending) followStream(run, { ...admitted, record }, outcome);
  else settle(run, admitted, outcome);
  run.underWay = undefined;
  if (outcome.kind !== 'ok') run.failed(target, outcome);
  return outcome;
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

/** Tells everybody who learns from it how an attempt ended, and announces that and what it changed. */
function settle<Reply>(run: Run<Reply>, admitted: Admitted, end: Outcome<Reply> | StreamEnd): void {
  const { engine, announce } = run;
  const { target, number, startedAt } = admitted;
  const now = engine.clock.now();
  const { kind, status } = end;
  const { message = '', retryAfterMs, repeatable } = end as Partial<Failure<Reply>>;
  const { firstTokenMs = now - startedAt } = end as Partial<StreamEnd>;
  const changes = learn(engine.registry, engine.random, {
    ...admitted,
    kind,
    status,
    // Only looked at where somebody asks for it: an error is costly to make.
    error: target.tracker && (end as Partial<Failure<Reply>>).cause,
    isElsewhere: kind !== 'ok' && engine.registry.scope === 'model' && run.goesOnFrom(target, now),
    retryAfterMs,
    repeatable,
    durationMs: firstTokenMs,
    now,
  });
  announce.attemptEnded(target, number, { kind, status, message, durationMs: now - startedAt });
  if (changes.length > 0) announce.changed(target, changes, kind === 'ok' ? undefined : { kind, status });
}

type StreamEnd = Ending & { readonly status: number | undefined; readonly firstTokenMs: number };

interface Followed extends Admitted {
  readonly record: OpenRecord;
}

/** A stream was won at its first content, but whether its target did well is known only at its end. */
function followStream<Reply>(run: Run<Reply>, admitted: Followed, { ending, status }: Answer<Reply>): void {
  const { target, number, startedAt } = admitted;
  const { clock } = run.engine;
  const committedAt = clock.now();
  const firstTokenMs = committedAt - startedAt;
  target.meter.answered(admitted.flight, committedAt);
  admitted.permit.release();
  admitted.transport.release();
  run.announce.streamCommitted(target, number, firstTokenMs);
  void ending?.then((end) => {
    if (end.kind === 'stream_error_late') {
      admitted.record.kind = end.kind;
      run.announce.streamBroken(target, number, { message: end.message ?? '', durationMs: clock.now() - startedAt });
    }
    settle(run, admitted, { ...end, status, firstTokenMs });
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
