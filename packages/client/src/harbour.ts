import type { Engine, Probe } from '@breakwater/core';
import type { ResolvedOptions } from './options.js';
import type { KeyRing, WireEndpoint } from './providers/endpoint.js';
import type { RequestRouterOptions } from './request-options.js';
import type { Forms } from './stream/rescue/forms.js';

/** Sends a dressed request. */
export type Transport = (url: string, init: RequestInit) => Promise<Response>;

/** The terms of one call, read from whoever made it. */
export interface CallTerms {
  readonly signal: AbortSignal | undefined;
  readonly isTimedOut?: () => boolean;
  readonly timeoutMs: number;
  readonly signalKeepsTime: boolean;
  readonly maxRetries: number;
  readonly router: RequestRouterOptions;
}

/** Where calls are made from: what all of a router's calls have in common. */
export interface Harbour {
  readonly engine: Engine;
  readonly endpoints: ReadonlyMap<string, WireEndpoint>;
  readonly options: ResolvedOptions;
  readonly transport: Transport;
  /** What is known of how targets go on with an answer that broke off. */
  readonly forms: Forms;
  /** Names keys without showing them. */
  readonly keys: KeyRing;
  /** Finds out whether an endpoint takes a key. */
  readonly keyProbe: Probe;
}
