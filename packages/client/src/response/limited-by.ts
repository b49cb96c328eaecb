import type { LimitedBy } from '@breakwater/core';
import type { ProviderError } from './provider-error.js';
import { limitsIn } from './rate-headers.js';

/** A 429 that is about a rate. */
interface RateRefusal {
  readonly headers: Headers;
  readonly error: ProviderError;
}

type Dimension = NonNullable<LimitedBy['dimension']>;

/**
 * The words for tokens: "tokens per min (TPM)" (OpenAI, Groq, Cerebras, xAI, Anthropic), "request tokens has exceeded" (Anthropic),
 * "token rate limit" (Azure), "Too many tokens" (xAI), a metric and a quota of Google's, and the type or code of an error.
 */
const TOKENS =
  /\btokens?[- ]?per[- ]?(?:sec|min|hour|day)|\bTP[MD]\b|\btokens? rate limit|\brequest tokens has exceeded|\btoo many tokens|_token_count\b|TokensPer|^tokens?(?:_|$)/i;
/**
 * The words for requests: the same, and "queries per minute" (Together), "call rate limit" (Azure), "Requests rate limit" (Mistral),
 * "free-models-per-day" (OpenRouter) and "UserByModelByDay" (GitHub).
 */
const REQUESTS =
  /\b(?:requests?|queries|free-models)[- ]?per[- ]?(?:sec|min|hour|day)|\bRP[MD]\b|\b(?:call|requests?) rate limit|\bnumber of requests has exceeded|\bgenerate_\w*requests\b|RequestsPer|UserByModelBy|^requests?(?:_|$)/i;
const A_DAY = /per[- ]?day|ByDay\b|\bdaily\b|\b[TR]PD\b|\bper 86400 ?s/i;
const BOUGHT = /\bprovisioned\b|\bPTUs?\b/i;

/**
 * Which limit a 429 is about: by the type or the code of the error, else by its words, else by the headers, if one dimension alone is
 * used up. Its dimension is undefined where they do not say, or name both.
 */
export function limitedBy({ headers, error }: RateRefusal): LimitedBy {
  const { type = '', code = '', quotaId = '', message = '' } = error;
  const words = [type, code, quotaId, message];
  const dimension = words.map(dimensionIn).find((found) => found !== undefined);
  const emptied = dimension ? undefined : emptiedIn(headers);
  return {
    dimension: dimension ?? emptied?.dimension,
    perDay: emptied?.perDay === true || words.some((text) => A_DAY.test(text)),
    isProvisioned: isProvisioned(headers, words, dimension),
  };
}

function dimensionIn(text: string): Dimension | undefined {
  const isOfTokens = TOKENS.test(text);
  if (isOfTokens === REQUESTS.test(text)) return undefined;
  return isOfTokens ? 'tokens' : 'requests';
}

/** What the headers say is used up, if it is of one dimension; of a day only where nothing of a minute is used up as well. */
function emptiedIn(headers: Headers): { dimension: Dimension; perDay: boolean } | undefined {
  const { requests, requestsPerDay, tokens, tokensPerDay } = limitsIn(headers, 0) ?? {};
  const isMinute = { requests: requests?.remaining === 0, tokens: tokens?.remaining === 0 };
  const isDay = { requests: requestsPerDay?.remaining === 0, tokens: tokensPerDay?.remaining === 0 };
  const isOfRequests = isMinute.requests || isDay.requests;
  if (isOfRequests === (isMinute.tokens || isDay.tokens)) return undefined;
  const dimension = isOfRequests ? 'requests' : 'tokens';
  return { dimension, perDay: !isMinute[dimension] };
}

/**
 * Azure's capacity that was bought tells its utilization in place of what remains. Where it does not, it is known by the exact wait and
 * by naming no limit: a deployment that is paid by use names the rate it has exceeded.
 */
function isProvisioned(headers: Headers, words: readonly string[], dimension: Dimension | undefined): boolean {
  if (headers.has('azure-openai-deployment-utilization') || words.some((text) => BOUGHT.test(text))) return true;
  return dimension === undefined && headers.has('retry-after-ms') && headers.has('apim-request-id');
}
