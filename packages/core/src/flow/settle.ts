import type { Answer, Ending, Failure, Outcome } from '../outcome/outcome.js';
import type { Admitted } from './admitted.js';
import { whole } from './announce.js';
import { costAt, spend, usedBy } from './bill.js';
import { charge, learnLimits } from './charge.js';
import { learn } from './learn.js';
import type { OpenRecord, Run } from './run.js';

/** Learns from what came back: at once, or for a stream when it has ended. */
export function learnFrom<Reply>(run: Run<Reply>, admitted: Admitted, outcome: Outcome<Reply>): Outcome<Reply> {
  const { startedAt } = admitted;
  learnLimits(run, admitted, outcome);
  const record = run.record(admitted, outcome, run.engine.clock.now() - startedAt);
  if (outcome.kind === 'ok' && outcome.ending) followStream(run, { ...admitted, record }, outcome);
  else settle(run, admitted, outcome);
  run.underWay = undefined;
  if (outcome.kind !== 'ok') run.failed(admitted, outcome);
  return outcome;
}

/** Tells everybody who learns from it how an attempt ended, and announces that and what it changed. */
export function settle<Reply>(run: Run<Reply>, admitted: Admitted, end: Outcome<Reply> | StreamEnd): void {
  const { engine, announce } = run;
  const { target, number, startedAt } = admitted;
  const now = engine.clock.now();
  const { kind, status } = end;
  const { message = '', retryAfterMs, repeatable, limitedBy } = end as Partial<Failure<Reply>>;
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
    isBackpressure: limitedBy?.isProvisioned === true,
    durationMs: firstTokenMs,
    now,
  });
  charge(run, admitted, end as Partial<StreamEnd> & Outcome<Reply>);
  const usage = usedBy(run, target, end as Partial<StreamEnd>);
  const costUSD = costAt(target, usage);
  if (usage) run.used(usage, costUSD);
  const { tags } = run.call;
  const key = admitted.key?.name;
  const durationMs = now - startedAt;
  announce.attemptEnded(target, number, { kind, status, message, durationMs, usage, costUSD, tags, key, now });
  if (usage) spend(run, target, costUSD);
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
  run.announce.stream('stream.committed', target, { attempt: number, firstTokenMs: whole(firstTokenMs) });
  void ending?.then((end) => {
    if (end.kind !== 'ok' && end.kind !== 'caller_abort') {
      admitted.record.kind = end.kind;
      const durationMs = whole(clock.now() - startedAt);
      run.announce.stream('stream.broken', target, { attempt: number, message: end.message ?? '', durationMs });
    }
    settle(run, admitted, { ...end, status, firstTokenMs });
    const over = ({ kind, chunks }: Ending) =>
      run.announce.streamEnded({ kind, chunks, durationMs: clock.now() - run.startedAt });
    if (end.goesOn) void end.goesOn.then(over);
    else over(end);
  });
}
