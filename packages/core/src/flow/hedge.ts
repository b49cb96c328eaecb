import type { Failure, Outcome } from '../outcome/outcome.js';
import type { Target } from '../targets/target.js';
import type { Admitted } from './admitted.js';
import { ask } from './ask.js';
import type { AttemptHandle } from './attempt.js';
import { beside } from './others.js';
import type { Run } from './run.js';
import { learnFrom, settle } from './settle.js';
import { isFinal } from './shown.js';
import { takeBeside } from './take.js';

/** One of the two in a race. */
interface Runner<Reply> {
  readonly admitted: Admitted;
  readonly handle: AttemptHandle<Reply>;
  readonly outcome: Promise<Outcome<Reply>>;
}

/**
 * Asks a target, and another one beside it if the first keeps the call waiting for longer than nearly all of its answers take. The first
 * answer wins; of a stream that is its first content. The loser is aborted and not waited for. If both fail it is the failure of the
 * first. Source: J. Dean, L. A. Barroso, "The Tail at Scale", CACM 2013.
 */
export async function raced<Reply>(run: Run<Reply>, admitted: Admitted): Promise<Outcome<Reply>> {
  const primary = start(run, admitted);
  const delayMs = delayFor(run, admitted.target);
  const early = await within(run, primary.outcome, delayMs);
  if (early) return learnFrom(run, admitted, early);
  const beside = takeHedge(run, admitted.target);
  if (!beside) return learnFrom(run, admitted, await primary.outcome);
  run.announce.hedge('sent', { from: admitted.target, to: beside.target, delayMs });
  return decide(run, primary, start(run, beside));
}

function start<Reply>(run: Run<Reply>, admitted: Admitted): Runner<Reply> {
  const handle: AttemptHandle<Reply> = {};
  return { admitted, handle, outcome: ask(run, admitted, handle) };
}

/** How long the first is given: the quantile of its own answers, once there are enough of them. */
function delayFor<Reply>({ engine, call }: Run<Reply>, { meter }: Target): number {
  const { percentile, delayMs, minDelayMs } = (engine.hedging as NonNullable<typeof engine.hedging>).options;
  return Math.max(minDelayMs, meter.slowMs(call.streamed, percentile, engine.clock.now()) ?? delayMs);
}

/** The outcome if it comes in time. Leaves no timer behind. */
async function within<Reply>(
  { engine: { clock } }: Run<Reply>,
  outcome: Promise<Outcome<Reply>>,
  ms: number,
): Promise<Outcome<Reply> | undefined> {
  let timer: unknown;
  const late = new Promise<undefined>((resolve) => {
    timer = clock.setTimeout(() => resolve(undefined), ms);
  });
  const early = await Promise.race([outcome, late]);
  clock.clearTimeout(timer);
  return early;
}

/** A second target with its permits, if there is one that is well and the budget has something left. */
function takeHedge<Reply>(run: Run<Reply>, from: Target): Admitted | undefined {
  const { engine, plan } = run;
  run.timePasses();
  const now = engine.clock.now();
  const target = beside(plan, from, now);
  if (target && !engine.hedging?.budget.withdraw()) {
    run.announce.hedgeDenied(from, 'budget');
    return undefined;
  }
  const admitted = target && takeBeside(run, target, now);
  if (!admitted) run.announce.hedgeDenied(from, 'no target');
  return admitted;
}

async function decide<Reply>(run: Run<Reply>, primary: Runner<Reply>, hedge: Runner<Reply>): Promise<Outcome<Reply>> {
  const arrivals = [primary, hedge].map(async (runner) => ({ runner, outcome: await runner.outcome }));
  const first = await Promise.race(arrivals);
  const other = first.runner === primary ? hedge : primary;
  const race = { from: primary.admitted.target, to: hedge.admitted.target, delayMs: 0 };
  // Nobody is waited for when the call is decided: by an answer, or by what no other target could mend.
  if (first.outcome.kind === 'ok' || isFinal(first.outcome.kind)) {
    // Whoever came first with the caller's own mistake has not shown that the other one is slow.
    lose(run, other, { isTooSlow: other === primary && first.outcome.kind === 'ok' });
    run.announce.hedge(first.runner === hedge && first.outcome.kind === 'ok' ? 'won' : 'lost', race);
    return learnFrom(run, first.runner.admitted, first.outcome);
  }
  const ofFirst = learnFrom(run, first.runner.admitted, first.outcome);
  const second = await other.outcome;
  run.underWay = other.admitted;
  run.announce.hedge(other === hedge && second.kind === 'ok' ? 'won' : 'lost', race);
  const ofSecond = learnFrom(run, other.admitted, second);
  if (second.kind === 'ok' || other === hedge) return second.kind === 'ok' ? ofSecond : ofFirst;
  run.showsRather(other.admitted.target, second);
  return ofSecond;
}

/**
 * Ends the one that came in second. A first target that was overtaken was too slow, and counts as such: were it ignored, hedging would
 * hide a sick target for ever. Of the second, nothing is known but that it takes longer than it was given.
 */
function lose<Reply>(
  run: Run<Reply>,
  { admitted, handle, outcome }: Runner<Reply>,
  { isTooSlow }: { isTooSlow: boolean },
): void {
  const kind = isTooSlow ? 'attempt_timeout' : 'caller_abort';
  const failure: Failure<Reply> = { kind, message: 'another target answered first' };
  handle.cut?.(failure);
  // It may have come in at the same instant, when nothing could stop it any more.
  void outcome.then(({ reply }) => reply !== undefined && run.call.discard(reply));
  // The plan is not told: nothing has been found out that the call would have to heed.
  run.record(admitted, failure, run.engine.clock.now() - admitted.startedAt);
  settle(run, { ...admitted, isOvertaken: true }, failure);
}
