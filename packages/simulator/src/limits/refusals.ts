import type { Answer } from '../answers/answer.js';
import type { RateHeaders } from '../options.js';
import type { Bucket } from './bucket.js';
import { durationText } from './duration.js';

/** A request that does not fit. */
export interface Shortage {
  readonly bucket: Bucket;
  /** What the request takes of it, … */
  readonly cost: number;
  /** … what is left, … */
  readonly level: number;
  readonly model: string;
}

/** How a region says no. */
export interface Manner {
  readonly form: RateHeaders | false;
  readonly retryAfter: boolean;
}

/** The 429 for a request that does not fit, in the words of the provider. */
export function refusalOf(shortage: Shortage, { form, retryAfter }: Manner): Answer {
  const { bucket, cost, level } = shortage;
  if (bucket.period === 'ever')
    return json(error({ message: QUOTA, type: 'insufficient_quota' }, 'insufficient_quota'));
  // What is larger than the limit fits at no time; the API names none.
  if (cost > bucket.limit) return json(WORDS[form || 'openai'](shortage, 0));
  const waitMs = bucket.msFor(cost - level);
  return json(WORDS[form || 'openai'](shortage, waitMs), retryAfter ? waitHeaders(form, waitMs) : {});
}

const QUOTA =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.';

const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  form: 'json',
  status: 429,
  body,
  headers,
});

const error = (about: { message: string; type: string }, code: string): object => ({
  error: { ...about, param: null, code },
});

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Not all tell the milliseconds. */
function waitHeaders(form: Manner['form'], waitMs: number): Record<string, string> {
  const coarse = { 'retry-after': String(seconds(waitMs)) };
  if (form === 'anthropic' || form === 'groq') return coarse;
  return { ...coarse, 'retry-after-ms': String(Math.ceil(waitMs)) };
}

/** "requests per min (RPM): Limit 60, Used 60, Requested 1". */
function numbers({ bucket, cost, level }: Shortage): string {
  const { dimension, period, limit } = bucket;
  const unit = `${dimension === 'requests' ? 'R' : 'T'}P${period === 'day' ? 'D' : 'M'}`;
  const used = cost > limit ? '' : ` Used ${Math.ceil(limit - level)},`;
  return `${dimension} per ${period === 'day' ? 'day' : 'min'} (${unit}): Limit ${limit},${used} Requested ${cost}`;
}

type Words = (shortage: Shortage, waitMs: number) => object;

const WORDS: Readonly<Record<RateHeaders, Words>> = {
  openai: (shortage, waitMs) => {
    const { bucket, cost, model } = shortage;
    const isTooLarge = cost > bucket.limit;
    const what = isTooLarge ? 'Request too large' : 'Rate limit reached';
    const remedy = isTooLarge
      ? 'The input or output tokens must be reduced in order to run successfully.'
      : `Please try again in ${durationText(waitMs)}.`;
    const message = `${what} for ${model} in organization org-simulator on ${numbers(shortage)}. ${remedy} Visit https://platform.openai.com/account/rate-limits to learn more.`;
    return error({ message, type: bucket.dimension }, 'rate_limit_exceeded');
  },

  azure: ({ bucket }, waitMs) => {
    const rate = bucket.dimension === 'requests' ? 'call rate limit' : 'token rate limit';
    const message = `Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded ${rate} of your current OpenAI S0 pricing tier. Please retry after ${seconds(waitMs)} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.`;
    return { error: { code: '429', message } };
  },

  'azure-provisioned': (_, waitMs) => ({
    error: {
      code: '429',
      message: `The provisioned throughput of your deployment is fully utilized. Please retry after ${seconds(waitMs)} seconds.`,
    },
  }),

  anthropic: ({ bucket }) => {
    const rate = `${bucket.limit.toLocaleString('en-US')} ${bucket.dimension} per ${bucket.period}`;
    const message = `This request would exceed the rate limit for your organization (org-simulator) of ${rate}. For details, refer to: https://docs.claude.com/en/api/rate-limits.`;
    return { type: 'error', error: { type: 'rate_limit_error', message } };
  },

  groq: (shortage, waitMs) => {
    const { bucket, cost, model } = shortage;
    const remedy =
      cost > bucket.limit ? 'Please reduce your message size' : `Please try again in ${durationText(waitMs)}`;
    const message = `Rate limit reached for model \`${model}\` in organization \`org_simulator\` service tier \`on_demand\` on ${numbers(shortage)}. ${remedy}.`;
    return { error: { message, type: bucket.dimension, code: 'rate_limit_exceeded' } };
  },
};
