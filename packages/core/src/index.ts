// The public names of the engine, grouped in the order of the flow.

export type { OpenIncident } from './alerts/incidents.js';
export type { JournalEntry } from './alerts/journal.js';
export type { ReportedOpening } from './alerts/opening-log.js';
export {
  type AlertOptions,
  type AllDownRule,
  alertChecks,
  type BudgetRule,
  type ErrorRateRule,
  type FirstTokenRule,
  type OpeningsRule,
  type QuotaRule,
  type ResolvedAlerts,
  resolveAlerts,
} from './alerts/options.js';
export type { Finding, OwnAlertRule } from './alerts/own.js';
export type { Report, ReportCounts, ReportedTarget } from './alerts/report.js';
export type { HeardEvent } from './alerts/rule.js';
export { Watch } from './alerts/watch.js';
export * as check from './base/check.js';
export { type Clock, quietly, systemClock, type Timer } from './base/clock.js';
export { durationText } from './base/duration.js';
export { type Random, seededRandom, systemRandom } from './base/random.js';
export { type Patience, patiently } from './base/signal.js';
export type { BreakerMode, BreakerSnapshot, BreakerState, TimeInStates, Transition } from './breaker/breaker.js';
export {
  type CircuitBreaker,
  type CircuitBreakerParts,
  CircuitOpenError,
  circuitBreaker,
  type ExecuteOptions,
  isCircuitOpenError,
} from './breaker/circuit-breaker.js';
export type { BreakerControl } from './breaker/control.js';
export {
  type BreakerInput,
  type BreakerNumbers,
  type BreakerOptions,
  breakerLayer,
  breakerOptions,
  type ClassicBreakerOptions,
  type ResolvedBreakerOptions,
  resolveBreakerOptions,
} from './breaker/options.js';
export { type Permits, permits, type RampUpOptions } from './breaker/permits.js';
export { breakerPolicies } from './breaker/policies.js';
export type { Preset } from './breaker/presets.js';
export { type BackoffOptions, type Opening, type Recovery, recovery } from './breaker/recovery.js';
export {
  type BreakerPlaces,
  type BreakerPlan,
  type BreakerScope,
  planBreakers,
  type RouterBreakerInput,
  routerBreakerOptions,
} from './breaker/scopes.js';
export { type ErrorClass, type FailedCall, type Tracker, trackers } from './breaker/trackers.js';
export { type Trip, type TripContext, type Tripper, trippers } from './breaker/trippers.js';
export { countWindow, type Tally, timeWindow, type WindowKind, type WindowStats } from './breaker/windows.js';
export type { AlertSeverity, AlertStamp } from './events/alert.js';
export { EVENT_NAMES, type EventName, type RouterEvents } from './events/events.js';
export type { CountsByKind, GroupStats, StreamStats } from './events/group-stats.js';
export type { Listener } from './events/hub.js';
export { listeningFaults } from './events/listening.js';
export type { RequestStats } from './events/request-stats.js';
export type { EventStamp, TargetStamp } from './events/stamp.js';
export type { BreakerStats, ModelStats, Stats, TargetStats } from './events/stats.js';
export type { TimeStats } from './events/time-stats.js';
export { BUDGET_EXCEEDED } from './flow/afford.js';
export type {
  AttemptClocks,
  AttemptRecord,
  Call,
  Conclusion,
  Continued,
  Route,
  Skipped,
  Ticket,
  Way,
} from './flow/call.js';
export type { HealthReading } from './flow/checkup.js';
export type { TargetControl } from './flow/control.js';
export { Engine } from './flow/engine.js';
export type { EngineParts } from './flow/engine-parts.js';
export type {
  ExplainedEndpoint,
  ExplainedLast,
  ExplainedModel,
  ExplainedReason,
  ExplainedTarget,
  Explanation,
} from './flow/explanation.js';
export type { KeyReading } from './flow/key-check.js';
export type { Probe, ProbeResult } from './flow/look-at.js';
export type { RouterMemory } from './flow/memory.js';
export { payForRescue } from './flow/rescued.js';
export { extendRoute, foundBudgetEmpty } from './flow/route.js';
export type {
  CooldownStatus,
  KeyStatus,
  QuarantineStatus,
  Status,
  TargetLatency,
  TargetStatus,
} from './flow/status.js';
export type { WhenExhausted } from './flow/step.js';
export { leastLeftMs } from './flow/time-left.js';
export type { HealthState, ProbeVerdict } from './health/health.js';
export {
  type HealthMode,
  type HealthOptions,
  healthOptions,
  type ProbedEndpoint,
  type ResolvedHealthOptions,
  resolveHealthOptions,
} from './health/options.js';
export {
  type HedgingOptions,
  hedgingOptions,
  type ResolvedHedging,
  resolveHedging,
} from './hedging/options.js';
export type { LimitDimension, LimitNumbers } from './limits/limit.js';
export {
  type EndpointLimitOptions,
  endpointLimitOptions,
  type LimitOptions,
  limitOptions,
  type OnLimit,
  type ResolvedLimits,
  resolveLimits,
} from './limits/options.js';
export type { Answer, Ending, Failure, FailureKind, LimitedBy, Outcome } from './outcome/outcome.js';
export type { SeenLimits } from './outcome/seen-limits.js';
export type { TokenEstimate, TokenUsage } from './outcome/usage.js';
export { VERDICTS, type Verdict } from './outcome/verdict.js';
export { type ResolvedRetryOptions, type RetryOptions, resolveRetryOptions, retryOptions } from './retries/options.js';
export {
  locationOption,
  placeOf,
  type ResolvedRouting,
  type RoutingOptions,
  type RoutingSettings,
  resolveRouting,
  routingOptions,
  type StrategyName,
  type UserLocation,
} from './routing/options.js';
export type { CandidateView, OwnStrategy } from './routing/own.js';
export type { Decision } from './routing/weigh.js';
export type { BudgetReading } from './spending/budget.js';
export type { Spent } from './spending/ledger.js';
export {
  type BudgetOptions,
  budgetOptions,
  type OnExceeded,
  priceTable,
  type ResolvedBudget,
  resolveBudget,
} from './spending/options.js';
export { type ModelPrice, type PriceTable, priceIn } from './spending/prices.js';
export type { EndpointKey } from './targets/keys.js';
export type { Endpoint, Target } from './targets/target.js';
