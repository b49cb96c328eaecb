import type { AttemptClocks } from '@breakwater/core';
import type { TimeoutOptions } from './options.js';

const NO_CLOCKS: AttemptClocks = Object.freeze({});

/** The limits of one attempt: those of the request over those of the client. Only a stream shows anything before its whole answer. */
export function clocksOf(timeouts: TimeoutOptions, own: TimeoutOptions | undefined, streamed: boolean): AttemptClocks {
  if (!own && streamed) return timeouts;
  // A limit that a request names without a value is still the client's.
  const { connectMs = timeouts.connectMs, firstTokenMs = timeouts.firstTokenMs } = own ?? {};
  const { attemptMs = timeouts.attemptMs } = own ?? {};
  if (streamed) return { connectMs, firstTokenMs, attemptMs };
  return attemptMs === undefined ? NO_CLOCKS : { attemptMs };
}
