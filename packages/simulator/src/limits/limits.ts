import type { Answer } from '../answers/answer.js';
import { LIMIT_DEFAULTS, type RateLimits, type RateNumbers } from '../options.js';
import { Bucket, type BucketKind } from './bucket.js';
import { headersOf } from './headers.js';
import { refusalOf } from './refusals.js';

/** Who asks for how much. */
export interface LimitedRequest {
  readonly tokens: number;
  readonly model: string | undefined;
  /** The key that was sent; undefined when there was none. */
  readonly key: string | undefined;
}

/** What a request was allowed, with the headers that tell about it. */
export interface Allowance {
  readonly headers: Readonly<Record<string, string>>;
  /** The 429 it gets if nothing is left. */
  readonly refusal: Answer | undefined;
  /** Corrects the tokens to those that were used; does nothing where the region does not settle, or refused. */
  settle(tokens: number, now: number): void;
}

const KINDS: Readonly<Record<keyof RateNumbers, BucketKind>> = {
  requestsPerMinute: { dimension: 'requests', period: 'minute' },
  tokensPerMinute: { dimension: 'tokens', period: 'minute' },
  requestsPerDay: { dimension: 'requests', period: 'day' },
  tokensPerDay: { dimension: 'tokens', period: 'day' },
  quotaTokens: { dimension: 'tokens', period: 'ever' },
};

/** The limits of a region, as the API enforces them: for all its requests, for those to one model, and for those with one key. */
export class Limiter {
  readonly #limits: RateLimits;
  readonly #all: readonly Bucket[];
  readonly #models = new Map<string, readonly Bucket[]>();
  readonly #keys = new Map<string, readonly Bucket[]>();

  constructor(limits: RateLimits, now: number) {
    this.#limits = limits;
    this.#all = bucketsOf(limits, now);
    for (const [model, numbers] of Object.entries(limits.models ?? {}))
      this.#models.set(model, bucketsOf(numbers, now));
  }

  /** Takes one request of so many tokens out of all its buckets, or nothing at all if one of them lacks it. */
  take({ tokens, model, key }: LimitedRequest, now: number): Allowance {
    const { headers: form = LIMIT_DEFAULTS.headers, retryAfter = LIMIT_DEFAULTS.retryAfter, settle } = this.#limits;
    const buckets = [...this.#all, ...(this.#models.get(model ?? '') ?? []), ...this.#ofKey(key, now)];
    const costOf = ({ dimension }: Bucket) => (dimension === 'requests' ? 1 : tokens);
    // What takes nothing fits even where more was used than there was.
    const bucket = buckets.find((one) => costOf(one) > 0 && one.level(now) < costOf(one));
    if (bucket === undefined) for (const one of buckets) one.take(costOf(one), now);
    const shortage = bucket && { bucket, cost: costOf(bucket), level: bucket.level(now), model: model ?? 'default' };
    return {
      headers: headersOf(form, buckets, now),
      refusal: shortage && refusalOf(shortage, { form, retryAfter }),
      settle: (used, later) => {
        if (!settle || bucket) return;
        for (const one of buckets) if (one.dimension === 'tokens') one.take(used - tokens, later);
      },
    };
  }

  #ofKey(key = '', now: number): readonly Bucket[] {
    const { perKey } = this.#limits;
    if (!perKey) return [];
    const known = this.#keys.get(key) ?? bucketsOf(perKey, now);
    this.#keys.set(key, known);
    return known;
  }
}

function bucketsOf(numbers: RateNumbers, now: number): Bucket[] {
  return (Object.keys(KINDS) as (keyof RateNumbers)[]).flatMap((name) => {
    const limit = numbers[name];
    return limit === undefined ? [] : [new Bucket(KINDS[name], limit, now)];
  });
}
