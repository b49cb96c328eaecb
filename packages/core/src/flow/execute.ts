import { unlessAborted, wait } from '../base/signal.js';
import type { Permit } from '../breaker/breaker.js';
import type { Answer, Ending, Failure, Outcome } from '../outcome/outcome.js';
import { retry } from '../retries/retry.js';
import type { Target } from '../targets/target.js';
import { attempt } from './attempt.js';
import type { Call, Conclusion } from './call.js';
import type { FlowContext } from './context.js';
import { learn } from './learn.js';
import { Run } from './run.js';

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

  let admitted = await admit(run);
  let outcome: Outcome<Reply> = admitted
    ? await retry<Outcome<Reply>>({
        round: () => attemptOn(run, admitted as Admitted),
        satisfied: (result) => result.kind === 'ok',
        // Who is next is asked only after the failure has been learned from: the failed target may be resting by now.
        again: async () => {
          admitted = await admit(run);
          return admitted !== undefined;
        },
      })
    : run.nobody();

  if (outcome.kind !== 'ok') outcome = await lastResort(run, run.toShow(outcome));
  run.conclude(outcome);
  return { outcome, route: run.route(), skipped: run.skipped() };
}

/** A target that may be asked, with the leave to do so. */
interface Admitted {
  readonly target: Target;
  readonly permit: Permit;
}

/** Finds the next target and takes its permit last of all, so that no wait and no other gate can hold a permit. */
async function admit<Reply>(run: Run<Reply>): Promise<Admitted | undefined> {
  const { engine, call, plan } = run;
  for (;;) {
    if (call.signal?.aborted) return undefined;
    const step = plan.next(engine.clock.now());
    run.reportSkipped();
    if (!step || !run.payFor(step.target)) return undefined;
    if (step.delayMs > 0) {
      if ((await wait(step.delayMs, engine.clock, call.signal)) === 'aborted') return undefined;
      // Another call may have been told meanwhile to stay away for longer.
      if (plan.isHindered(step.target, engine.clock.now())) continue;
    }
    const lease = step.target.breaker.tryAcquire(engine.clock.now());
    if (lease) {
      if (lease.transition) run.announce.transition(step.target, lease.transition);
      run.movedTo(step);
      return { target: step.target, permit: lease.permit };
    }
    // Another call took the last permit of this target while this one waited.
    plan.passOver(step.target);
  }
}

/** Asks one target, and learns from what comes back: at once, or for a stream when it has ended. */
async function attemptOn<Reply>(run: Run<Reply>, { target, permit }: Admitted): Promise<Outcome<Reply>> {
  const { engine, call } = run;
  const started = engine.clock.now();
  const number = run.nextNumber();
  const credential = run.credentialAt(target);
  run.announce.attemptStarted(target, number);
  const outcome = await attempt<Reply>((ticket) => call.attempt(target, ticket), {
    number,
    clocks: run.clocksFor(target),
    clock: engine.clock,
    signal: call.signal,
    aborted: () => run.aborted(),
    discard: (reply) => call.discard(reply),
  });
  const latencyMs = engine.clock.now() - started;
  run.record(target, outcome, latencyMs);

  const settle = (result: {
    kind: Outcome<Reply>['kind'];
    message?: string;
    status?: number;
    retryAfterMs?: number;
  }) => {
    const now = engine.clock.now();
    const { kind, status, message = '', retryAfterMs } = result;
    const changes = learn(engine.registry, engine.random, { target, permit, credential, kind, retryAfterMs, now });
    run.announce.attemptEnded(target, number, { kind, status, message, durationMs: now - started });
    run.announce.changed(target, changes, kind === 'ok' ? undefined : { kind, status });
  };
  if (outcome.kind === 'ok' && outcome.ending)
    followStream(run, { target, number, started, latencyMs }, outcome, settle);
  else settle(outcome);
  if (outcome.kind !== 'ok') run.failed(target, outcome);
  return outcome;
}

/** A stream was won at its first content, but whether its target did well is known only at its end. */
function followStream<Reply>(
  run: Run<Reply>,
  { target, number, started, latencyMs }: { target: Target; number: number; started: number; latencyMs: number },
  { ending, status }: Answer<Reply>,
  settle: (result: Ending & { status?: number }) => void,
): void {
  run.announce.streamCommitted(target, number, latencyMs);
  void ending?.then((end) => {
    if (end.kind === 'stream_error_late') {
      const durationMs = run.engine.clock.now() - started;
      run.announce.streamBroken(target, number, { message: end.message ?? '', durationMs });
    }
    settle(status === undefined ? end : { ...end, status });
  });
}

/** The user's own answer, when everything failed that could have answered; never for the caller's own mistake or abort. */
async function lastResort<Reply>(run: Run<Reply>, failure: Failure<Reply>): Promise<Outcome<Reply>> {
  const { call } = run;
  const isFinal = failure.kind === 'caller_abort' || failure.kind === 'caller_error';
  if (isFinal || !call.lastResort) return failure;
  // A last resort that fails itself must not hide what happened before it.
  const ask = async () => call.lastResort?.(failure);
  const work = ask().catch((error: unknown) => run.engine.complain('lastResort failed', error));
  // A caller who leaves is not kept waiting; a signal that ended with the time of the call is nobody's leave.
  const isOpen = call.signal?.aborted === false;
  const reply = await (isOpen ? unlessAborted(work, call.signal) : work);
  if (reply === undefined) return isOpen && call.signal.aborted ? run.aborted() : failure;
  run.usedLastResort();
  run.announce.lastResortUsed(failure);
  return { kind: 'ok', reply };
}
