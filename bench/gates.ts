import type { CandidateName } from './candidates.ts';

/** One line of the result: what was measured, and the most it may be. */
export interface Finding {
  readonly what: string;
  readonly value: number;
  readonly unit: '×' | 'bytes' | 'ms' | 'ns';
  /** The quarters below and above the median, where there were rounds. */
  readonly spread?: readonly [number, number];
  /** CPU microseconds per request, or per chunk of a stream. */
  readonly micros?: number;
  /** Absent for what is shown for comparison only. */
  readonly limit?: number;
}

/** Whether a finding is as it should be; what has no limit is. */
export const isMet = ({ value, limit }: Finding): boolean => limit === undefined || value <= limit;

const CPU: Readonly<Record<string, Partial<Record<CandidateName, number>>>> = {
  'in process': { 'one endpoint': 1.12, 'five endpoints': 1.15 },
  loopback: { 'one endpoint': 1.05, 'five endpoints': 1.08 },
};
const STREAM = 1.05;

/** The most CPU a client may take, over the official one; undefined for the official client and its control. */
export function cpuLimit(world: string, name: CandidateName, streamed: boolean): number | undefined {
  const limit = CPU[world]?.[name];
  return streamed && limit !== undefined ? STREAM : limit;
}

/** The other limits: bytes of heap per request in flight, bytes of gzipped bundle, milliseconds of import. */
export const LIMITS = Object.freeze({ heapBytes: 1.5 * 1024, gzippedBytes: 20 * 1024, importMs: 10 });
