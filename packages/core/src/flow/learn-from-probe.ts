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
  | { readonly what: 'health'; readonly state: 'up' }
  /** After so many probes in a row. */
  | { readonly what: 'health'; readonly state: 'down'; readonly probes: number }
  | { readonly what: 'quarantine'; readonly forMs: number; readonly key: string }
  | { readonly what: 'released'; readonly key: string };

/**
 * Tells everybody who learns from a probe what it has found. A good one shortens the wait of an open breaker and closes none: a list of
 * models says nothing of the models. A refused key rests, unless a call was answered with it a moment ago.
 */
export function learnFromProbe(registry: TargetRegistry, lesson: ProbeLesson): readonly ProbeChange[] {
  const { endpoint, result, startedAt, now } = lesson;
  const health = registry.healthOf(endpoint.id);
  const changes: ProbeChange[] = [];
  const state = health.probed(result.verdict, startedAt, now);
  if (state === 'up') changes.push({ what: 'health', state });
  if (state === 'down') changes.push({ what: 'health', state, probes: health.terms.fall });
  if (result.verdict === 'good') nudge(registry, lesson);
  const { roundTripMs, isExact = true } = result;
  if (roundTripMs !== undefined && isExact) registry.roundTripOf(endpoint.id).observe(roundTripMs, now);
  return [...changes, ...learnOfKey(registry, lesson)];
}

/**
 * The part of it that is about the key. A good probe ends the quarantine of a refused key only where the endpoint has refused a probe for its
 * key before: some lists of models are public. What an account has left to spend no list tells.
 */
export function learnOfKey(registry: TargetRegistry, lesson: ProbeLesson): readonly ProbeChange[] {
  const { endpoint, result, credential, startedAt, now } = lesson;
  const health = registry.healthOf(endpoint.id);
  if (result.verdict === 'refused') {
    health.refusedProbe();
    if (hasAnswered(registry, lesson)) return [];
    const forMs = registry.credential(credential).start('auth', now, result.retryAfterMs);
    return forMs > 0 ? [{ what: 'quarantine', forMs, key: credential }] : [];
  }
  const known = registry.knownCredential(credential);
  const isProof = result.verdict === 'good' && health.looksAtKeys && known?.reason === 'auth';
  return isProof && known.forgive(startedAt, now) ? [{ what: 'released', key: credential }] : [];
}

/** Whether the key was good for a call a moment ago, at any endpoint that uses it: it would be taken away from all of them. */
function hasAnswered(registry: TargetRegistry, { credential, startedAt, intervalMs }: ProbeLesson): boolean {
  const then = startedAt - intervalMs;
  const isWitness = (endpoint: Endpoint) =>
    !endpoint.keys && endpoint.credential() === credential && registry.healthOf(endpoint.id).hasAnsweredSince(then);
  if (registry.endpoints.some(isWitness)) return true;
  // Where there are several keys an answer speaks for the one that it was asked with.
  for (const { keys } of registry.all())
    if (keys?.all.some((key) => key.name === credential && key.hasAnsweredSince(then))) return true;
  return false;
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
