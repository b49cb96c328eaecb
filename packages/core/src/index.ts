// The public names of the engine, grouped in the order of the flow.

export * as check from './base/check.js';
export { type Clock, systemClock, type Timer } from './base/clock.js';
export { type Random, seededRandom, systemRandom } from './base/random.js';
export { type Patience, patiently } from './base/signal.js';
export {
  type BreakerInput,
  type BreakerOptions,
  breakerOptions,
  type ClassicBreakerOptions,
  type ResolvedBreakerOptions,
  resolveBreakerOptions,
} from './breaker/options.js';
export { EVENT_NAMES, type EventName, type EventStamp, type RouterEvents, type TargetStamp } from './events/events.js';
export type { Listener } from './events/hub.js';
export { listeningFaults } from './events/listening.js';
export type { Stats, TargetStats } from './events/stats.js';
export type { AttemptClocks, AttemptRecord, Call, Conclusion, Route, Skipped, Ticket } from './flow/call.js';
export { Engine, type EngineParts } from './flow/engine.js';
export type { Status, TargetStatus } from './flow/status.js';
export type { Answer, Ending, Failure, FailureKind, Outcome } from './outcome/outcome.js';
export { VERDICTS, type Verdict } from './outcome/verdict.js';
export { type ResolvedRetryOptions, type RetryOptions, resolveRetryOptions, retryOptions } from './retries/options.js';
export type { Endpoint, Target } from './targets/target.js';
