// Everything the official package exports, as it is; the two client classes are subclasses of the official ones.

export type {
  AttemptRecord,
  BreakerInput,
  EventName,
  FailureKind,
  Listener,
  RetryOptions,
  Route,
  RouterEvents,
  Stats,
  Status,
  TargetStatus,
} from '@breakwater/core';
export * from 'openai';
export type { RoutedRequestOptions } from './augment.js';
export { type CannedReply, cannedReplies } from './canned-replies.js';
export { type CreateFetchOptions, createFetch, type RoutedFetch } from './create-fetch.js';
export { AzureOpenAI, OpenAI, OpenAI as default } from './drop-in.js';
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
export type { LastResort, UnansweredRequest } from './last-resort.js';
export type { RequestRouterOptions, RouterOptions, StreamOptions, TimeoutOptions } from './options.js';
export type { ApiKey, EndpointOptions, ReadyMadeClient } from './providers/options.js';
export { routeOf } from './response/route-of.js';
export { Router } from './router.js';
