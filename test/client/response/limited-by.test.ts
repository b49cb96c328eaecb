import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitedBy } from '../../../packages/client/src/response/limited-by.js';
import { readError } from '../../../packages/client/src/response/provider-error.js';

/** What a 429 with that error and those headers is about. */
const about = (error: unknown, headers: Record<string, string> = {}) =>
  limitedBy({ headers: new Headers(headers), error: readError(JSON.stringify({ error })) });

const say = (dimension: 'requests' | 'tokens' | undefined, perDay = false, isProvisioned = false) => ({
  dimension,
  perDay,
  isProvisioned,
});

describe('the words of', () => {
  test.each<[string, string, ReturnType<typeof say>]>([
    [
      'OpenAI for tokens',
      'Rate limit reached for gpt-4 in organization org-a on tokens per min (TPM): Limit 10000, Used 8554, Requested 3082. Please try again in 9.816s.',
      say('tokens'),
    ],
    [
      'OpenAI for a request that is too large',
      'Request too large for gpt-4o in organization org-a on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully.',
      say('tokens'),
    ],
    [
      'OpenAI for requests, in its older form',
      'Rate limit reached for 10KTPM-200RPM in organization org-a on requests per min. Limit: 200 / min.',
      say('requests'),
    ],
    [
      'OpenAI for the requests of a day',
      'Rate limit reached for gpt-4 in organization org-a on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.',
      say('requests', true),
    ],
    [
      'Groq for the tokens of a day',
      'Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_a` service tier `on_demand` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s.',
      say('tokens', true),
    ],
    [
      'Groq for tokens',
      'Rate limit reached for model `llama3-70b-8192` in organization `org_a` on tokens per minute (TPM): Limit 7000, Used 0, Requested ~12903.',
      say('tokens'),
    ],
    [
      'Azure for tokens',
      'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-05-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 37 seconds.',
      say('tokens'),
    ],
    [
      'Azure for requests',
      'Requests to the Embeddings_Create Operation under Azure OpenAI API version 2023-07-01-preview have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 54 seconds.',
      say('requests'),
    ],
    [
      'Azure for capacity that was bought',
      'The provisioned throughput of your deployment is fully utilized. Please retry after 2 seconds.',
      say(undefined, false, true),
    ],
    [
      'Anthropic for tokens',
      'This request would exceed the rate limit for your organization (a) of 20,000 input tokens per minute.',
      say('tokens'),
    ],
    [
      'Anthropic for requests',
      'This request would exceed the rate limit for your organization of 50 requests per minute.',
      say('requests'),
    ],
    ['Anthropic for a day', 'Number of request tokens has exceeded your daily rate limit', say('tokens', true)],
    ['Cerebras for tokens', 'Tokens per minute limit exceeded - too many tokens processed.', say('tokens')],
    ['Cerebras for requests', 'Requests per day limit exceeded - too many requests sent.', say('requests', true)],
    ['Mistral', 'Requests rate limit exceeded', say('requests')],
    [
      'xAI',
      "Too many tokens for team a and model grok-4. Your team's rate limit is - Tokens per Minute (actual/limit): 65605/16000.",
      say('tokens'),
    ],
    [
      'OpenRouter for a day',
      'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
      say('requests', true),
    ],
    ['OpenRouter for a minute', 'Rate limit exceeded: free-models-per-min.', say('requests')],
    [
      'GitHub',
      'Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 57829 seconds before retrying.',
      say('requests', true),
    ],
    [
      'Google for requests',
      'You exceeded your current quota.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 20, model: gemini-2.5-flash\nPlease retry in 59.6s.',
      say('requests'),
    ],
    [
      'Google for requests and tokens at once',
      '* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 0\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_input_token_count, limit: 0',
      say(undefined),
    ],
    ['those who say nothing more', 'Too many requests', say(undefined)],
    ['those who speak of tokens for other reasons', 'Rate limit exceeded. Check your API token.', say(undefined)],
  ])('%s', (_who, message, expected) => {
    expect(about({ message, code: '429' })).toEqual(expected);
  });
});

test('the type and the code of an error are believed before its words', () => {
  const message = 'Slow down: requests per min and tokens per min are limited.';
  expect(about({ type: 'tokens', code: 'rate_limit_exceeded', message })).toEqual(say('tokens'));
  expect(about({ type: 'requests', message })).toEqual(say('requests'));
  expect(about({ type: 'too_many_tokens_error', code: 'token_quota_exceeded', message })).toEqual(say('tokens'));
  expect(about({ type: 'too_many_requests_error', code: 'request_quota_exceeded', message })).toEqual(say('requests'));
  // Everybody's name for a 429, whatever it is about.
  expect(about({ type: 'too_many_requests', message: 'Too many requests' })).toEqual(say(undefined));
});

test("Google's quota names the dimension and the day", () => {
  const named = (quotaId: string) => limitedBy({ headers: new Headers(), error: { quotaId } });
  expect(named('GenerateRequestsPerDayPerProjectPerModel-FreeTier')).toEqual(say('requests', true));
  expect(named('GenerateRequestsPerMinutePerProjectPerModel-FreeTier')).toEqual(say('requests'));
  expect(named('GenerateContentInputTokensPerModelPerMinute-FreeTier')).toEqual(say('tokens'));
});

describe('where there are no words, the headers say', () => {
  const headers = (requests: string, tokens: string, reset = '30s') => ({
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': requests,
    'x-ratelimit-reset-requests': reset,
    'x-ratelimit-limit-tokens': '10000',
    'x-ratelimit-remaining-tokens': tokens,
  });

  test.each<[string, Record<string, string>, ReturnType<typeof say>]>([
    ['that the requests are used up', headers('0', '500'), say('requests')],
    ['that the tokens are used up', headers('5', '0'), say('tokens')],
    ['that the requests of a day are used up', headers('0', '500', '3h'), say('requests', true)],
    ['nothing when both are used up', headers('0', '0'), say(undefined)],
    ['nothing when neither is', headers('5', '500'), say(undefined)],
  ])('%s', (_what, told, expected) => {
    expect(about({ message: 'Rate limit exceeded' }, told)).toEqual(expected);
  });

  test('nothing against the words', () => {
    expect(about({ message: 'on tokens per min (TPM)' }, headers('0', '500', '3h'))).toEqual(say('tokens'));
  });
});

describe('capacity that was bought is known', () => {
  const azure = { 'apim-request-id': 'a', 'retry-after-ms': '1200', 'retry-after': '2' };

  test('by the utilization it tells', () => {
    expect(about({ message: 'No' }, { 'azure-openai-deployment-utilization': '104.2%' }).isProvisioned).toBe(true);
  });

  test("by Azure's exact wait, where no limit is named", () => {
    expect(about({ code: '429', message: 'Too many requests. Please retry later.' }, azure).isProvisioned).toBe(true);
    const rate = 'Requests have exceeded token rate limit of your current OpenAI S0 pricing tier.';
    expect(about({ code: '429', message: rate }, azure).isProvisioned).toBe(false);
    expect(about({ message: 'Too many requests' }, { 'retry-after-ms': '1200' }).isProvisioned).toBe(false);
  });
});

test('whatever an error says, it is about requests, tokens or neither', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('tokens', 'requests', 'per day', 'TPM', 'RPD', 'PTU', '\u0000'));
  fc.assert(
    fc.property(text, text, text, (type, code, message) => {
      expect(about({ type, code, message }).dimension ?? 'neither').toMatch(/^(?:requests|tokens|neither)$/);
    }),
  );
});

test('the time it takes to read the words grows with them, not with their square', () => {
  // Square, they take minutes; as it is a few milliseconds, and a busy machine has room for more.
  const began = performance.now();
  for (const unit of ['tokens per ', 'generate_', 'generate_a', 'requests ', 'free-models-', ' per 86400 ']) {
    about({ message: unit.repeat(20_000) });
  }
  expect(performance.now() - began).toBeLessThan(2_000);
});
