import type { Acquired, Breaker, BreakerSnapshot } from './contract.js';

const ALWAYS: Acquired = Object.freeze({
  permit: Object.freeze({ probe: false, settle: () => undefined, release: () => undefined }),
});
const NOTHING_KNOWN: BreakerSnapshot = Object.freeze({
  state: 'closed',
  level: 0,
  openForMs: 0,
  stats: Object.freeze({ total: 0, failures: 0 }),
  probesOut: 0,
});

/** The breaker of `breaker: false`: lets every call through, counts nothing, cannot be opened, and makes no object per call. */
export const disabledBreaker: Breaker = Object.freeze({
  peek: () => 'ok' as const,
  tryAcquire: () => ALWAYS,
  retryAfterMs: () => 0,
  snapshot: () => NOTHING_KNOWN,
  openFor: () => undefined,
  reset: () => undefined,
});
