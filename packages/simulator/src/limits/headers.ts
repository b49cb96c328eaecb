import type { RateHeaders } from '../options.js';
import type { Bucket, BucketKind } from './bucket.js';
import { durationText } from './duration.js';

type Headers = Record<string, string>;

/** What a provider of this form tells on every answer of the buckets that the request was counted in. */
export function headersOf(form: RateHeaders | false, buckets: readonly Bucket[], now: number): Headers {
  return form === false ? {} : FORMS[form](buckets, now);
}

/** Of several buckets that count the same, the one that is told of is the one with the least in it. */
function tightest(buckets: readonly Bucket[], kind: BucketKind, now: number): Bucket | undefined {
  return buckets
    .filter(({ dimension, period }) => dimension === kind.dimension && period === kind.period)
    .sort((a, b) => a.level(now) - b.level(now))[0];
}

const DIMENSIONS = ['requests', 'tokens'] as const;

/** A minute's bucket; that of a day has no headers of its own, and is told of where there is none of a minute. */
function minuteOrDay(buckets: readonly Bucket[], dimension: BucketKind['dimension'], now: number): Bucket | undefined {
  const of = (period: 'minute' | 'day') => tightest(buckets, { dimension, period }, now);
  return of('minute') ?? of('day');
}

const remaining = (bucket: Bucket, now: number): string => String(Math.max(0, Math.floor(bucket.level(now))));

function plain(bucket: Bucket | undefined, now: number): Headers {
  if (!bucket) return {};
  return {
    [`x-ratelimit-limit-${bucket.dimension}`]: String(bucket.limit),
    [`x-ratelimit-remaining-${bucket.dimension}`]: remaining(bucket, now),
    [`x-ratelimit-reset-${bucket.dimension}`]: durationText(bucket.msToFull(now)),
  };
}

/** An instant without fractions of a second. */
function rfc3339(ms: number): string {
  return new Date(Math.ceil(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

const FORMS: Readonly<Record<RateHeaders, (buckets: readonly Bucket[], now: number) => Headers>> = {
  openai: (buckets, now) => Object.assign({}, ...DIMENSIONS.map((one) => plain(minuteOrDay(buckets, one, now), now))),

  // It tells only what is left, and -1 of what it does not limit.
  azure: (buckets, now) =>
    Object.fromEntries(
      DIMENSIONS.map((one) => {
        const bucket = minuteOrDay(buckets, one, now);
        return [`x-ratelimit-remaining-${one}`, bucket ? remaining(bucket, now) : '-1'];
      }),
    ),

  'azure-provisioned': (buckets, now) => {
    const used = buckets.map((bucket) => 1 - bucket.level(now) / bucket.limit);
    return { 'azure-openai-deployment-utilization': `${Math.round(100 * Math.max(0, ...used))}%` };
  },

  anthropic: (buckets, now) =>
    Object.assign(
      {},
      ...DIMENSIONS.map((one) => {
        const bucket = minuteOrDay(buckets, one, now);
        const name = (what: string) => `anthropic-ratelimit-${one}-${what}`;
        return (
          bucket && {
            [name('limit')]: String(bucket.limit),
            [name('remaining')]: remaining(bucket, now),
            [name('reset')]: rfc3339(Date.now() + bucket.msToFull(now)),
          }
        );
      }),
    ),

  // Its requests are always those of a day, and its tokens those of a minute.
  groq: (buckets, now) => ({
    'x-groq-region': 'simulator',
    ...plain(tightest(buckets, { dimension: 'requests', period: 'day' }, now), now),
    ...plain(tightest(buckets, { dimension: 'tokens', period: 'minute' }, now), now),
  }),
};
