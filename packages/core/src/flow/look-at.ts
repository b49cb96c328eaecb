import { type Clock, quietly } from '../base/clock.js';
import { durationText } from '../base/duration.js';
import { patiently } from '../base/signal.js';
import type { ProbeVerdict } from '../health/health.js';
import type { FailureKind } from '../outcome/outcome.js';
import type { EndpointKey } from '../targets/keys.js';
import type { Endpoint } from '../targets/target.js';

/** What a probe came to. */
export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  /** Of the answer, if there was one that has such. */
  readonly status?: number | undefined;
  /** Of a refusal: what it means, in a word of the outcome table. */
  readonly kind?: FailureKind | undefined;
  /** For people; free of keys. */
  readonly message?: string | undefined;
  /** Milliseconds there and back: until the first byte of the answer. Absent where something else was measured. */
  readonly roundTripMs?: number | undefined;
  /** False when the process was so much at work meanwhile that the way is shorter than that; nothing is learned of it then. @default true */
  readonly isExact?: boolean;
  /** How long the provider asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Looks at an endpoint, with one of its keys where it has several. The signal aborts when that has taken too long, or nobody wants to know any
 * more.
 */
export type Probe = (endpoint: Endpoint, signal: AbortSignal, key?: EndpointKey) => Promise<ProbeResult>;

/** How a probe is made. */
export interface Looking {
  readonly probe: Probe;
  /** Of several keys the one to look with. @default there is nothing to choose */
  readonly key?: EndpointKey | undefined;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Aborted from outside, nobody wants to know any more. */
  readonly controller: AbortController;
}

/** Makes one probe. Never rejects, and pays no heed to a probe that pays none to its signal. Keeps no process alive. */
export async function lookAt(
  endpoint: Endpoint,
  { probe, key, clock, timeoutMs, controller }: Looking,
): Promise<ProbeResult> {
  const { signal } = controller;
  const work = async () => probe(endpoint, signal, key);
  try {
    const result = await patiently(work(), { ms: timeoutMs, clock: quietly(clock), signal });
    if (signal.aborted) return { verdict: 'unclear', message: 'given up' };
    if (result) return result;
  } catch {
    // What it says is not repeated: there may be a key in it.
    return { verdict: 'bad', message: 'the probe failed' };
  }
  controller.abort();
  return { verdict: 'bad', message: `no answer within ${durationText(timeoutMs)}` };
}
