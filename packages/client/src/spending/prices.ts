import type { ModelPrice, PriceTable } from '@breakwater/core';

/** For a million tokens, in US dollars: input, cached input (none where it is not published), output. */
type Line = readonly [input: number, cached: number | undefined, output: number];

/**
 * List prices for whole requests at the usual tier, as they were published in autumn 2026. Not in it, because one number would be wrong:
 * models that cost more for long prompts (`gpt-5.5`, `gemini-2.5-pro`, `claude-haiku-5-5`), more by day than by
 * night (DeepSeek), or less until a date.
 */
const LINES: Readonly<Record<string, Line>> = {
  // https://developers.openai.com/api/docs/pricing
  'gpt-4.1': [2, 0.5, 8],
  'gpt-4.1-mini': [0.4, 0.1, 1.6],
  'gpt-4.1-nano': [0.1, 0.025, 0.4],
  'gpt-4o': [2.5, 1.25, 10],
  'gpt-4o-2024-05-13': [5, undefined, 15],
  'gpt-4o-mini': [0.15, 0.075, 0.6],
  'gpt-5': [1.25, 0.125, 10],
  'gpt-5-codex': [1.25, 0.125, 10],
  'gpt-5-mini': [0.25, 0.025, 2],
  'gpt-5-nano': [0.05, 0.005, 0.4],
  'gpt-5.1': [1.25, 0.125, 10],
  'gpt-5.2': [1.75, 0.175, 14],
  'gpt-5.4-mini': [0.75, 0.075, 4.5],
  'gpt-5.4-nano': [0.2, 0.02, 1.25],
  o3: [2, 0.5, 8],
  'o4-mini': [1.1, 0.275, 4.4],
  'text-embedding-3-large': [0.13, undefined, 0],
  'text-embedding-3-small': [0.02, undefined, 0],
  // https://platform.claude.com/docs/en/about-claude/pricing
  'claude-fable-5-1': [10, 0.25, 50],
  'claude-opus-5-5': [4, 0.2, 20],
  'claude-opus-5': [5, 0.5, 25],
  'claude-opus-4-8': [5, 0.5, 25],
  'claude-opus-4-7': [5, 0.5, 25],
  'claude-opus-4-6': [5, 0.5, 25],
  'claude-opus-4-5': [5, 0.5, 25],
  'claude-opus-4-1': [15, 1.5, 75],
  'claude-opus-4': [15, 1.5, 75],
  'claude-sonnet-5-5': [2, 0.1, 10],
  'claude-sonnet-5': [2, 0.2, 10],
  'claude-sonnet-4-6': [3, 0.3, 15],
  'claude-sonnet-4-5': [3, 0.3, 15],
  'claude-haiku-4-5': [1, 0.1, 5],
  // https://ai.google.dev/gemini-api/docs/pricing
  'gemini-2.5-flash': [0.3, undefined, 2.5],
  'gemini-2.5-flash-lite': [0.1, undefined, 0.4],
  // https://docs.mistral.ai/models/
  'mistral-medium-3.5': [1.5, undefined, 7.5],
  'mistral-medium-2505': [0.4, undefined, 2],
};

/** The list prices that are known without being told, by the names of models. They are no promise: `router.prices` goes before them. */
export const modelPrices: PriceTable = Object.freeze(
  Object.fromEntries(Object.entries(LINES).map(([model, line]) => [model, priceOn(line)])),
);

function priceOn([inputPerMillionUSD, cachedInputPerMillionUSD, outputPerMillionUSD]: Line): ModelPrice {
  return Object.freeze({ inputPerMillionUSD, cachedInputPerMillionUSD, outputPerMillionUSD });
}
