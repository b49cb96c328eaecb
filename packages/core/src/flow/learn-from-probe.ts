import type { Breaker } from '../breaker/breaker.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Endpoint } from '../targets/target.js';
import type { ProbeResult } from './look-at.js';

/** A probe that has ended. */
export interface ProbeLesson {
  readonly endpoint: Endpoint;
  readonly result: ProbeResult;
  /** The name of the credential that was used. */
  readonly credential: string;
  readonly startedAt: number;
  readonly now: number;
  /** An answer that is no older than this speaks for the key, whatever the probe says, in milliseconds. */
  readonly intervalMs: number;
}

/** What a probe has changed, to be announced. */
export type ProbeChange =
  | { readonly what: 'health'; readonly state: 'up' | 'down' }
  | { readonly what: 'quarantine'; readonly forMs: number };

/**
 * Tells everybody who learns from a probe what it has found. A good one shortens the wait of an open breaker and closes none: a list of
 * models says nothing of the models. A refused key rests, unless a call was answered with it a moment ago.
 */
export function learnFromProbe(registry: TargetRegistry, lesson: ProbeLesson): readonly ProbeChange[] {
  const { endpoint, result, startedAt, now } = lesson;
  const health = registry.healthOf(endpoint.id);
  const changes: ProbeChange[] = [];
  const state = health.probed(result.verdict, startedAt, now);
  if (state) changes.push({ what: 'health', state });
  if (result.verdict === 'good') nudge(registry, lesson);
  if (result.roundTripMs !== undefined) registry.roundTripOf(endpoint.id).observe(result.roundTripMs, now);
  if (result.verdict === 'refused' && !hasAnswered(registry, lesson)) {
    const forMs = registry.credential(lesson.credential).start('auth', now, result.retryAfterMs);
    if (forMs > 0) changes.push({ what: 'quarantine', forMs });
  }
  return changes;
}

/** Whether the key was good for a call a moment ago, at any endpoint that uses it: it would be taken away from all of them. */
function hasAnswered(registry: TargetRegistry, { credential, startedAt, intervalMs }: ProbeLesson): boolean {
  return registry.endpoints.some((endpoint) => {
    return (
      endpoint.credential() === credential && registry.healthOf(endpoint.id).hasAnsweredSince(startedAt - intervalMs)
    );
  });
}

/** Whoever waits for the endpoint to come back may ask it now. */
function nudge(registry: TargetRegistry, { endpoint, startedAt, now }: ProbeLesson): void {
  const breakers = new Set([registry.transportOf(endpoint.id, now)]);
  // The breaker of a model is open because it fails everywhere, which no single place can speak against.
  if (registry.scope !== 'model')
    for (const target of registry.all()) if (target.endpoint === endpoint) breakers.add(target.breaker);
  for (const breaker of breakers) if (wasOpenAt(breaker, startedAt, now)) breaker.nudge(now);
}

/** What failed after the probe had begun is the newer evidence. */
function wasOpenAt(breaker: Breaker, then: number, now: number): boolean {
  return breaker.peek(now) !== 'ok' && breaker.snapshot(now).sinceMs >= now - then;
}
