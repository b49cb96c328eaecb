import type { LogEntry } from './log/log.js';

/** What a region enforces by itself, as the API does: buckets that fill up steadily over a minute. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

/** What may be changed while the simulator runs. */
export interface RegionSettings {
  /** Milliseconds before a region says anything. @default 0 */
  readonly latencyMs?: number;
  /** Up to so many milliseconds more, drawn evenly for each request. @default 0 */
  readonly jitterMs?: number;
  /** The pace of answers, streamed or not. @default Infinity */
  readonly tokensPerSecond?: number;
  /** The keys that are accepted; undefined accepts any, and none. @default undefined */
  readonly apiKeys?: readonly string[] | undefined;
}

/** One region; what it leaves out it takes from the simulator's own options. */
export interface RegionOptions extends RegionSettings {
  /** The models it serves. @default the simulator's */
  readonly models?: readonly string[];
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 lets the system choose. @default 0 */
  readonly port?: number;
  /** @default none */
  readonly limits?: RateLimits;
}

/** All that can be said to `startSimulator`. */
export interface SimulatorOptions extends RegionSettings {
  /** Answers, jitter and chances are drawn from it: the same seed gives the same ones. @default 1 */
  readonly seed?: number;
  /** @default a list of well-known models */
  readonly models?: readonly string[];
  /** By name. @default one named `local` */
  readonly regions?: Readonly<Record<string, RegionOptions>>;
  /** The fewest and the most tokens of an answer. @default [12, 40] */
  readonly answerTokens?: readonly [number, number];
  /** For each region by itself. @default none */
  readonly limits?: RateLimits;
  /** How many requests the log keeps. @default 10000 */
  readonly logSize?: number;
  /** Told of every request when it has ended. */
  readonly onRequest?: (entry: LogEntry) => void;
}

/** The defaults, as documented above. */
export const DEFAULTS = Object.freeze({
  latencyMs: 0,
  jitterMs: 0,
  tokensPerSecond: Infinity,
  host: '127.0.0.1',
  port: 0,
  seed: 1,
  answerTokens: [12, 40] as const,
  logSize: 10000,
});
