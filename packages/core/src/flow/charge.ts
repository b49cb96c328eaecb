import type { Outcome } from '../outcome/outcome.js';
import type { TokenUsage } from '../outcome/usage.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { Admitted } from './admitted.js';
import type { Run } from './run.js';

/** How an attempt ended, as limits see it. */
interface Used {
  readonly kind: Outcome<unknown>['kind'];
  readonly status?: number | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly emitted?: (() => number) | undefined;
  /** Of a stream: milliseconds until its first content. */
  readonly firstTokenMs?: number | undefined;
}

/**
 * Charges an attempt for what it used. What never reached a server is given back altogether; of what was refused there, the request
 * counts and its tokens do not; what may have been done without a word about it is charged as it was set aside.
 */
export function charge<Reply>(
  run: Run<Reply>,
  admitted: Admitted,
  { kind, status, usage, emitted, firstTokenMs }: Used,
): void {
  const { engine } = run;
  const { room, target } = admitted;
  const now = engine.clock.now();
  tellLoad(run, admitted, { kind, durationMs: firstTokenMs ?? now - admitted.startedAt, now });
  // An answer that was cut short looks like a short one to whoever does not know what was asked for.
  if (usage && room?.estimate) target.limits.habits.used(room.estimate, usage, now);
  if (!room) return;
  const { estimate, reservation } = room;
  const isUndone = VERDICTS[kind].executed === 'no';
  if (isUndone && status === undefined) reservation.cancel(now);
  else if (isUndone) reservation.settle(0, now);
  else if (engine.limits.settle === 'charge-max') reservation.settle(undefined, now);
  else if (usage) reservation.settle(usage.inputTokens + usage.outputTokens, now);
  // Of a stream that did not tell, what went in is as it was estimated.
  else
    reservation.settle(
      emitted && estimate && target.limits.habits.tokensOf({ ...estimate, maxOutput: emitted() }, now),
      now,
    );
}

/** What tells of a server that is given too much. */
const REFUSED: ReadonlySet<Used['kind']> = new Set(['rate_limit', 'overloaded', 'attempt_timeout']);

/** Tells what finds out how much a target bears, and what holds calls of its model back, how an attempt ended that is still under way. */
function tellLoad<Reply>(
  { engine, call }: Run<Reply>,
  { target, startedAt, isOvertaken = false }: Admitted,
  { kind, durationMs, now }: { kind: Used['kind']; durationMs: number; now: number },
): void {
  const { gate } = target.limits;
  // Who was overtaken in a race was slower than another one, and has not said that it is too much.
  const isRefused = REFUSED.has(kind) && !isOvertaken;
  if (gate) {
    const end = kind === 'ok' ? 'answered' : isRefused ? 'refused' : 'neither';
    const usualMs = target.reading(call.streamed, now).expectedMs;
    gate.ended({ end, startedAt, durationMs, usualMs }, now);
  }
  if (kind === 'caller_abort' || isOvertaken) return;
  engine.throttleOf(target.model)?.sent(!isRefused && kind !== 'connect', now);
}

/** Learns what an answer, or a refusal, tells of the provider's limits. */
export function learnLimits<Reply>(run: Run<Reply>, admitted: Admitted, outcome: Outcome<Reply>): void {
  const { target, credential, startedAt } = admitted;
  const learned = target.limits.learned(credential);
  if (!learned) return;
  const now = run.engine.clock.now();
  // A refusal's are always worth a look: they say what was used up.
  const seen = outcome.kind === 'rate_limit' || learned.wantsHeaders(now) ? outcome.limits?.() : undefined;
  if (seen && learned.seen(seen, startedAt, now)) run.announce.limitLearned(target, learned.limits);
  if (outcome.kind === 'ok') learned.answered(now);
  else if (outcome.kind === 'rate_limit' && !outcome.limitedBy?.perDay && !outcome.limitedBy?.isProvisioned)
    learned.refused(outcome.limitedBy?.dimension, now);
}
