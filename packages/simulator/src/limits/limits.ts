import { Rejection } from '../answers/rejection.js';
import type { RateLimits } from '../options.js';

interface Bucket {
  readonly dimension: 'requests' | 'tokens';
  readonly perMinute: number;
  level: number;
  filledAt: number;
}

/** What a request was allowed, with the headers that tell about it. */
export interface Allowance {
  readonly headers: Readonly<Record<string, string>>;
  /** The 429 it gets if nothing is left. */
  readonly rejection: Rejection | undefined;
}

/** Rate limits as the API enforces them: a bucket for each dimension, full at first, that fills up steadily. */
export class Limiter {
  readonly #buckets: readonly Bucket[];

  constructor({ requestsPerMinute, tokensPerMinute }: RateLimits, now: number) {
    const bucket = (dimension: Bucket['dimension'], perMinute: number | undefined): Bucket[] =>
      perMinute === undefined ? [] : [{ dimension, perMinute, level: perMinute, filledAt: now }];
    this.#buckets = [...bucket('requests', requestsPerMinute), ...bucket('tokens', tokensPerMinute)];
  }

  /** Takes one request of so many tokens, or nothing at all if one of the buckets lacks it. */
  take(tokens: number, now: number, model = 'default'): Allowance {
    for (const bucket of this.#buckets) fill(bucket, now);
    const costOf = ({ dimension }: Bucket) => (dimension === 'requests' ? 1 : tokens);
    const empty = this.#buckets.find((bucket) => bucket.level < costOf(bucket));
    if (empty === undefined) for (const bucket of this.#buckets) bucket.level -= costOf(bucket);
    const headers = Object.fromEntries(this.#buckets.flatMap(headersOf));
    return { headers, rejection: empty && reject(empty, costOf(empty), model) };
  }
}

/** A time as the API writes it in its headers: `20ms`, `1s`, `1.5s`, `6m0s`. */
export function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  const seconds = Number(((whole % 60_000) / 1000).toFixed(3));
  return whole < 60_000 ? `${seconds}s` : `${Math.floor(whole / 60_000)}m${seconds}s`;
}

function fill(bucket: Bucket, now: number): void {
  bucket.level = Math.min(bucket.perMinute, bucket.level + ((now - bucket.filledAt) * bucket.perMinute) / 60_000);
  bucket.filledAt = now;
}

const msFor = ({ perMinute }: Bucket, amount: number): number => (amount * 60_000) / perMinute;

function headersOf(bucket: Bucket): [string, string][] {
  const { dimension, perMinute, level } = bucket;
  return [
    [`x-ratelimit-limit-${dimension}`, String(perMinute)],
    [`x-ratelimit-remaining-${dimension}`, String(Math.floor(level))],
    [`x-ratelimit-reset-${dimension}`, durationText(msFor(bucket, perMinute - level))],
  ];
}

function reject(bucket: Bucket, cost: number, model: string): Rejection {
  const { dimension, perMinute, level } = bucket;
  const unit = dimension === 'requests' ? 'RPM' : 'TPM';
  const waitMs = msFor(bucket, cost - level);
  const used = Math.ceil(perMinute - level);
  return new Rejection(
    429,
    {
      message: `Rate limit reached for ${model} on ${dimension} per min (${unit}): Limit ${perMinute}, Used ${used}, Requested ${cost}. Please try again in ${durationText(waitMs)}.`,
      type: dimension,
      code: 'rate_limit_exceeded',
    },
    { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))), 'retry-after-ms': String(Math.ceil(waitMs)) },
  );
}
