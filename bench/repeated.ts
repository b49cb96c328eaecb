import type { Finding } from './gates.ts';
import { quantile } from './quantile.ts';

const WARM_UP_ROUNDS = 5;
const ROUNDS = { quick: 5, usual: 25 } as const;

/** The most that one time may cost. */
export interface CostLimits {
  readonly nanoseconds: number;
  readonly bytes: number;
}

/** Measures what is done many times over. */
export interface Repetition {
  /** How often a run does it; its answer is above 0, so that nothing of it can be left out. */
  readonly times: number;
  readonly isQuick: boolean;
}

/**
 * What one time costs, in nanoseconds of the process and bytes of the heap. It needs a nursery so large that nothing is collected
 * between two readings of the heap.
 */
export function measurer({ times, isQuick }: Repetition) {
  return (what: string, run: () => number, limits?: CostLimits): Finding[] => {
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) burst(run, times);
    const bursts = Array.from({ length: isQuick ? ROUNDS.quick : ROUNDS.usual }, () => burst(run, times));
    const nanoseconds = bursts.map((one) => one.nanoseconds);
    return [
      {
        what,
        value: quantile(nanoseconds, 0.5),
        unit: 'ns',
        spread: [quantile(nanoseconds, 0.25), quantile(nanoseconds, 0.75)],
        ...(limits && { limit: limits.nanoseconds }),
      },
      {
        what: `${what}, allocated`,
        // Of all rounds the quietest: compilers allocate too.
        value: Math.max(0, Math.min(...bursts.map(({ bytes }) => bytes))),
        unit: 'bytes',
        ...(limits && { limit: limits.bytes }),
      },
    ];
  };
}

function burst(run: () => number, times: number): CostLimits {
  globalThis.gc?.({ type: 'minor' });
  const heap = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  const sum = run();
  const { user, system } = process.cpuUsage(before);
  const bytes = (process.memoryUsage().heapUsed - heap) / times;
  if (!(sum > 0)) throw new Error('nothing was measured');
  return { nanoseconds: ((user + system) * 1_000) / times, bytes };
}
