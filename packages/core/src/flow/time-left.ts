/** An attempt is not started with less than this left of the call's time; of a short call not with less than its last quarter. */
const LEAST_LEFT_MS = 250;
const LEAST_LEFT_SHARE = 0.05;
const LEAST_LEFT_SHARE_OF_SHORT = 0.25;

/** How much of a call's time must be left, in milliseconds, for another attempt to make sense. */
export const leastLeftMs = (timeoutMs: number): number =>
  Math.max(timeoutMs * LEAST_LEFT_SHARE, Math.min(LEAST_LEFT_MS, timeoutMs * LEAST_LEFT_SHARE_OF_SHORT));

/** How long such a call may wait at the most, in milliseconds, and then still make an attempt. */
export const latestInMs = (leftMs: number, timeoutMs: number): number => leftMs - leastLeftMs(timeoutMs);
