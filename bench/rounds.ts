import { ask, type Candidate, type CandidateName } from './candidates.ts';
import { quantile } from './quantile.ts';

/** One case: what is asked how, and how long it is measured. */
export interface Load {
  readonly streamed: boolean;
  readonly concurrency: number;
  /** Requests per candidate and round; a round of one candidate should take tens of milliseconds. */
  readonly requests: number;
  readonly rounds: number;
}

/** As many requests as in so many rounds go before the first. */
const WARM_UP_ROUNDS = 16;

/** What was measured of one candidate. */
export interface Measured {
  readonly name: CandidateName;
  /** CPU microseconds, user and system, per request: the median round. */
  readonly micros: number;
  /** CPU over the official client's of the same round: the median, and the quarters below and above it. */
  readonly ratio: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Measures all candidates in turns: every round asks each of them, beginning with another one each time, and compares it with the
 * official client of that same round. Whatever the machine does meanwhile, it does to all of them.
 */
export async function measure(field: readonly Candidate[], load: Load): Promise<readonly Measured[]> {
  const micros = new Map<CandidateName, number[]>(field.map(({ name }) => [name, []]));
  // What is measured is a process that has been running: until code is compiled, more of it costs more, in the compiler's threads too.
  for (const candidate of field) await burst(candidate, { ...load, requests: load.requests * WARM_UP_ROUNDS });
  for (let round = 0; round < load.rounds; round += 1) {
    for (let turn = 0; turn < field.length; turn += 1) {
      const candidate = field[(round + turn) % field.length] as Candidate;
      micros.get(candidate.name)?.push(await burst(candidate, load));
    }
  }
  const baseline = micros.get('official') ?? [];
  return field.map(({ name }) => {
    const own = micros.get(name) ?? [];
    const ratios = own.map((value, round) => value / (baseline[round] ?? Number.NaN));
    return {
      name,
      micros: quantile(own, 0.5),
      ratio: quantile(ratios, 0.5),
      lower: quantile(ratios, 0.25),
      upper: quantile(ratios, 0.75),
    };
  });
}

/** The CPU of one request, averaged over a burst; what others left behind is collected before. */
async function burst(candidate: Candidate, { streamed, concurrency, requests }: Load): Promise<number> {
  // Only the young: a full collection also throws compiled code away, and what follows would be the cost of warming up again.
  globalThis.gc?.({ type: 'minor' });
  let left = requests;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await ask(candidate, streamed);
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}
