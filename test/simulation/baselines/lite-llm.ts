import { drawOne } from '../world/dice.ts';
import type { Process } from '../world/world.ts';
import { lowestOf } from './choosers.ts';
import type { AttemptEnd, Chooser } from './plain-client.ts';

/** LiteLLM's documented defaults; of the buffers 0, 0.1 and 0.5 the one that did best here. */
const LITE_LLM = Object.freeze({
  cooldownMs: 5_000,
  failedShare: 0.5,
  leastRequests: 5,
  remembered: 10,
  buffer: 0.1,
  timeoutPenaltyMs: 1_000_000,
});

/** Who cools down: a deployment with more than half of at least five requests of this calendar minute failed, and after any 429. */
class Cooldowns {
  readonly #process: Process;
  readonly #until: number[];
  readonly #counts: { minute: number; total: number; failed: number }[];

  constructor(process: Process) {
    this.#process = process;
    this.#until = process.rttMs.map(() => 0);
    this.#counts = process.rttMs.map(() => ({ minute: 0, total: 0, failed: 0 }));
  }

  /** Those of these that are not cooling down. */
  warm(regions: readonly number[]): readonly number[] {
    const now = this.#process.timeline.now();
    return regions.filter((region) => (this.#until[region] ?? 0) <= now);
  }

  ended(region: number, end: AttemptEnd): void {
    const { timeline } = this.#process;
    const counts = this.#counts[region];
    if (!counts) return;
    const minute = Math.floor(timeline.wall() / 60_000);
    if (counts.minute !== minute) Object.assign(counts, { minute, total: 0, failed: 0 });
    counts.total += 1;
    if (end === 'ok') return;
    counts.failed += 1;
    const isFailing = counts.total >= LITE_LLM.leastRequests && counts.failed > LITE_LLM.failedShare * counts.total;
    if (isFailing || end === 'limited') this.#until[region] = timeline.now() + LITE_LLM.cooldownMs;
  }
}

/** What tells LiteLLM's strategies apart: which of those they take that are not cooling down. */
type Strategy = Pick<Chooser, 'pick' | 'started' | 'ended'>;

/** LiteLLM retries at once and may ask the same deployment again; with all of them cooling down the call fails. */
function withCooldowns(process: Process, strategy: Strategy): Chooser {
  const cooldowns = new Cooldowns(process);
  return {
    mayRepeat: true,
    pick(regions, call) {
      const warm = cooldowns.warm(regions);
      return warm.length === 0 ? undefined : strategy.pick(warm, call);
    },
    started: (region) => strategy.started?.(region),
    ended(region, end, tookMs) {
      cooldowns.ended(region, end);
      strategy.ended?.(region, end, tookMs);
    },
  };
}

/** `simple-shuffle`, its default: any deployment. */
export const liteLlmShuffle = (process: Process): Chooser =>
  withCooldowns(process, { pick: (warm) => drawOne(warm, process.random) });

/**
 * `least-busy`: the one with the fewest requests under way, among equals the first in the list. Who cools down is counted too: where
 * such a one is the least busy, any other is taken.
 */
export function liteLlmLeastBusy(process: Process): Chooser {
  const underWay = process.rttMs.map(() => 0);
  const all = underWay.map((_, region) => region);
  const add = (region: number, more: number) => {
    underWay[region] = (underWay[region] ?? 0) + more;
  };
  return withCooldowns(process, {
    pick(warm) {
      const [first] = lowestOf(all, (region) => underWay[region] ?? 0);
      return first !== undefined && warm.includes(first) ? first : drawOne(warm, process.random);
    },
    started: (region) => add(region, 1),
    ended: (region) => add(region, -1),
  });
}

/**
 * `latency-based-routing`: any deployment whose average is within the buffer of the lowest. Of the ten values that it keeps only the
 * last is ever replaced, a timeout counts as 1000 s, and a failure that is no timeout as nothing.
 */
export function liteLlmLatency(process: Process): Chooser {
  const latencies: number[][] = process.rttMs.map(() => []);
  const averageMs = (region: number) => {
    const list = latencies[region] ?? [];
    return list.length === 0 ? 0 : list.reduce((sum, ms) => sum + ms, 0) / list.length;
  };
  const remember = (region: number, ms: number) => {
    const list = latencies[region] ?? [];
    if (list.length < LITE_LLM.remembered) list.push(ms);
    else list[LITE_LLM.remembered - 1] = ms;
  };
  return withCooldowns(process, {
    pick(warm) {
      const averages = warm.map(averageMs);
      const limit = Math.min(...averages) * (1 + LITE_LLM.buffer);
      return drawOne(
        warm.filter((_, place) => (averages[place] ?? 0) <= limit),
        process.random,
      );
    },
    ended(region, end, tookMs) {
      if (end === 'ok') remember(region, tookMs);
      else if (end === 'timeout') remember(region, LITE_LLM.timeoutPenaltyMs);
    },
  });
}
