import type { TokenUsage } from '@breakwater/core';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a parsed answer, or one event of a stream, says that it used, of any resource: chats, completions and vectors name it in one way,
 * responses, pictures and transcripts in another. Undefined when it says nothing, or nonsense.
 */
export function usageOf(answer: unknown): TokenUsage | undefined {
  const usage = usageIn(answer);
  if (!usage) return undefined;
  const inputTokens = tokensOf(usage.prompt_tokens ?? usage.input_tokens);
  const outputTokens = tokensOf(usage.completion_tokens ?? usage.output_tokens ?? 0);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const details = fieldsOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  // A cache that cannot be read is as good as none.
  const cachedInputTokens = Math.min(inputTokens, tokensOf(details?.cached_tokens) ?? 0);
  return { inputTokens, cachedInputTokens, outputTokens };
}

/** Events of a response hold the response, which holds its usage; Groq's chunks have a place of their own for it. */
function usageIn(answer: unknown): Fields | undefined {
  const fields = fieldsOf(answer);
  if (!fields) return undefined;
  return (
    fieldsOf(fields.usage) ?? fieldsOf(fieldsOf(fields.response)?.usage) ?? fieldsOf(fieldsOf(fields.x_groq)?.usage)
  );
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;

/** Some gateways count in parts of tokens. */
function tokensOf(value: unknown): number | undefined {
  const tokens = typeof value === 'number' ? Math.ceil(value) : Number.NaN;
  return Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
