// Everything the official package exports, as it is; the two client classes are subclasses of the official ones.

export type {
  AlertSeverity,
  AlertStamp,
  AttemptRecord,
  BreakerControl,
  BreakerInput,
  BreakerMode,
  BreakerOptions,
  BreakerSnapshot,
  BreakerState,
  BreakerStats,
  BudgetOptions,
  BudgetReading,
  CandidateView,
  CircuitBreaker,
  CircuitBreakerParts,
  CooldownStatus,
  CountsByKind,
  Decision,
  EventName,
  ExecuteOptions,
  ExplainedEndpoint,
  ExplainedLast,
  ExplainedModel,
  ExplainedReason,
  ExplainedTarget,
  Explanation,
  FailureKind,
  Finding,
  GroupStats,
  HealthMode,
  HealthOptions,
  HealthReading,
  HealthState,
  HeardEvent,
  HedgingOptions,
  JournalEntry,
  KeyReading,
  KeyStatus,
  Listener,
  ModelPrice,
  ModelStats,
  OnExceeded,
  OpenIncident,
  OwnAlertRule,
  OwnStrategy,
  PriceTable,
  ProbedEndpoint,
  ProbeVerdict,
  QuarantineStatus,
  Report,
  ReportCounts,
  ReportedOpening,
  ReportedTarget,
  RequestStats,
  RetryOptions,
  Route,
  RouterBreakerInput,
  RouterEvents,
  RouterMemory,
  RoutingOptions,
  RoutingSettings,
  Spent,
  Stats,
  Status,
  StrategyName,
  StreamStats,
  TargetControl,
  TargetLatency,
  TargetStats,
  TargetStatus,
  TimeInStates,
  TimeStats,
  UserLocation,
} from '@breakwater/core';
export {
  breakerPolicies,
  CircuitOpenError,
  circuitBreaker,
  countWindow,
  isCircuitOpenError,
  permits,
  recovery,
  timeWindow,
  trackers,
  trippers,
} from '@breakwater/core';
export * from 'openai';
export { type AlertLogger, type LogSinkOptions, logSink } from './alerts/log-sink.js';
export type { DeliveryOptions } from './alerts/options.js';
export type { RouterAlertOptions } from './alerts/router-options.js';
export type { AlertMessage, AlertSink, AlertSummary } from './alerts/sink.js';
export { type SlackSinkOptions, slackSink } from './alerts/slack-sink.js';
export { type WebhookSinkOptions, webhookSink } from './alerts/webhook-sink.js';
export type { RoutedRequestOptions } from './augment.js';
export { type CannedReply, cannedReplies } from './canned-replies.js';
export { defineConfig } from './config/define-config.js';
export { type CreateFetchOptions, createFetch, type RoutedFetch } from './create-fetch.js';
export { AzureOpenAI, OpenAI, OpenAI as default } from './drop-in.js';
export type { EndpointView } from './endpoint-view.js';
export {
  AttemptTimeoutError,
  isAttemptTimeoutError,
  isLimitExceededError,
  isNoTargetError,
  isOptionsError,
  isStreamInterruptedError,
  LimitExceededError,
  NoTargetError,
  OptionsError,
  type PartialAnswer,
  StreamInterruptedError,
} from './errors.js';
export type { ExplainOptions, ExplainParams } from './explain-request.js';
export type { LastResort } from './last-resort.js';
export { type EventLogger, type LogFields, type LogOptions, logEvents } from './log/log-events.js';
export type { RouterOptions, TimeoutOptions } from './options.js';
export type { ApiKey, EndpointOptions, ReadyMadeClient } from './providers/options.js';
export type { RequestView, Resource } from './request/read.js';
export type { RequestRouterOptions } from './request-options.js';
export { routeOf } from './response/route-of.js';
export { Router } from './router.js';
export { modelPrices } from './spending/prices.js';
export type { StreamOptions } from './stream/options.js';
