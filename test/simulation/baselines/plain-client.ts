import { type Asker, type Call, type Process, TERMS } from '../world/world.ts';

/** How an attempt ended, as a client sees it. */
export type AttemptEnd = 'ok' | 'error' | 'limited' | 'timeout';

/** The part of a plain client that tells it from the others: where it goes. */
export interface Chooser {
  /** One of these regions, or undefined when it wants none of them: then the call fails. */
  pick(regions: readonly number[], call: Call): number | undefined;
  /** An attempt has been sent. */
  started?(region: number): void;
  ended?(region: number, end: AttemptEnd, tookMs: number): void;
  /** Whether to go on after such an end. @default after every one */
  goesOnAfter?(end: AttemptEnd): boolean;
  /** Whether a region that has failed the call may be picked again. @default no */
  readonly mayRepeat?: boolean;
}

/** An attempt under way: it knows its call, and which regions have failed it. */
interface Round {
  readonly call: Call;
  readonly regions: readonly number[];
  readonly number: number;
}

/**
 * The loop that people write around a client: pick a region, wait up to 15 s, on a failure pick another at once, three attempts
 * and 30 s in all. It has no breaker and no memory but its chooser's.
 */
export function plainClient(process: Process, chooser: Chooser): Asker {
  const all = process.rttMs.map((_, region) => region);
  const go = (round: Round): void => {
    const { call } = round;
    const leftMs = call.askedAt + TERMS.deadlineMs - process.timeline.now();
    const region = leftMs > 0 ? chooser.pick(round.regions, call) : undefined;
    if (region === undefined) call.end(false);
    else attempt(region, Math.min(TERMS.attemptMs, leftMs), round);
  };
  const attempt = (region: number, limitMs: number, round: Round): void => {
    const { timeline } = process;
    const sentAt = timeline.now();
    chooser.started?.(region);
    const sent = process.send(round.call, region, {
      onReply: ({ kind }) => {
        timeline.clearTimeout(timer);
        after(region, kind, { round, tookMs: timeline.now() - sentAt });
      },
    });
    const timer = timeline.setTimeout(() => {
      sent.leave();
      after(region, 'timeout', { round, tookMs: timeline.now() - sentAt });
    }, limitMs);
  };
  const after = (region: number, end: AttemptEnd, { round, tookMs }: { round: Round; tookMs: number }): void => {
    const { call, regions, number } = round;
    chooser.ended?.(region, end, tookMs);
    if (end === 'ok') call.end(true);
    else if (number >= TERMS.attempts || chooser.goesOnAfter?.(end) === false) call.end(false);
    else {
      const left = chooser.mayRepeat ? regions : regions.filter((one) => one !== region);
      go({ call, regions: left, number: number + 1 });
    }
  };
  return (call) => go({ call, regions: all, number: 1 });
}
