import type { RouterEvents, TargetStatus } from 'breakwater';
import type { Score } from './score.ts';

/** What a view shows besides what happens. */
export interface Progress {
  readonly elapsedMs: number;
  readonly runMs: number;
  readonly scores: readonly Score[];
  /** The titles of what is wrong now. */
  readonly weather: readonly string[];
  readonly targets: readonly TargetStatus[];
}

/** Shows a run while it happens: in place in a terminal, as lines elsewhere. */
export interface View {
  /** A failover of breakwater's. */
  failover(event: RouterEvents['failover'], elapsedMs: number): void;
  /** The weather changes. */
  announce(text: string, elapsedMs: number): void;
  /** Called several times a second. */
  progress(progress: Progress): void;
  /** The run is over: leaves the screen in order. */
  end(progress: Progress): void;
}

/** `12.3 s`, five characters for the number. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(5)} s`;

/** One failover in one line. */
export function failoverLine({ from, to, kind, status = 200, elapsedMs }: RouterEvents['failover']): string {
  // A broken answer comes with status 200, which would tell nobody what was wrong with it.
  return `${from} → ${to}   ${status < 400 ? kind : status}, after ${Math.round(elapsedMs)} ms`;
}
