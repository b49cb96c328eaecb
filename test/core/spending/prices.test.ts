import { describe, expect, test } from 'vitest';
import { blendedUSD, costOf, toldUSD } from '../../../packages/core/src/spending/cost.js';
import { priceIn } from '../../../packages/core/src/spending/prices.js';

const priced = (inputPerMillionUSD: number) => ({ inputPerMillionUSD, outputPerMillionUSD: 4 * inputPerMillionUSD });
const table = {
  'gpt-4o': priced(2.5),
  'gpt-4o-2024-05-13': priced(5),
  'gpt-4o-mini': priced(0.15),
  'claude-sonnet-4-5': priced(3),
  'gemini-2.0-flash': priced(0.1),
  'groq/gpt-oss': priced(7),
};
const inputOf = (model: string) => priceIn(table, model)?.inputPerMillionUSD;

describe('the price of a model', () => {
  test.each([
    ['its name', 'gpt-4o', 2.5],
    ['a snapshot', 'gpt-4o-2024-08-06', 2.5],
    ['a snapshot with a price of its own', 'gpt-4o-2024-05-13', 5],
    ['a snapshot of the longer name', 'gpt-4o-mini-2024-07-18', 0.15],
    ['Anthropic’s way to write a day', 'claude-sonnet-4-5-20250929', 3],
    ['Vertex’s way to write it', 'claude-sonnet-4-5@20250929', 3],
    ['Google’s way to count', 'models/gemini-2.0-flash-001', 0.1],
    ['a provider in front', 'openai/gpt-4o-mini-2024-07-18', 0.15],
    ['a provider that is part of the name', 'groq/gpt-oss', 7],
  ])('is found by %s', (_, model, expected) => {
    expect(inputOf(model)).toBe(expected);
  });

  // `gpt-5-pro` costs twelve times what `gpt-5` does: whoever is priced by the beginning of a name is priced wrong.
  test.each([
    'gpt-4o-audio-preview',
    'gpt-4o-pro',
    'gpt-4o-mini-search-preview',
    'gpt-4',
    'ft:gpt-4o:acme::abc',
    'together/gpt-4o',
    'gpt-4o:free',
    // Llama's and others' sizes: three digits are no snapshot.
    'gpt-4o-405',
    'toString',
    '__proto__',
    '',
  ])('of %j is not guessed', (model) => {
    expect(inputOf(model)).toBeUndefined();
  });
});

describe('a cost', () => {
  const price = { inputPerMillionUSD: 2, cachedInputPerMillionUSD: 0.5, outputPerMillionUSD: 8 };
  const usage = { inputTokens: 10_000, cachedInputTokens: 4_000, outputTokens: 500 };

  test('is that of the input, less what came from the cache, and of the output', () => {
    // 6 000 × $2 + 4 000 × $0.50 + 500 × $8, for a million each.
    expect(costOf(usage, price)).toBeCloseTo(0.018, 12);
    expect(costOf({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 }, price)).toBe(0);
  });

  test('has the full price for what came from a cache whose price is not known', () => {
    expect(costOf(usage, { inputPerMillionUSD: 2, outputPerMillionUSD: 8 })).toBeCloseTo(0.024, 12);
  });

  test('is told without what sums of fractions are off by', () => {
    expect(0.1 + 0.2).not.toBe(0.3);
    expect(toldUSD(0.1 + 0.2)).toBe(0.3);
    expect(toldUSD(0.000_000_005)).toBe(0.000_000_005);
    expect(toldUSD(123_456_789.123_456)).toBe(123_456_789.123_456);
  });

  test('is compared by three tokens in for one out', () => {
    expect(blendedUSD(price)).toBe(3.5);
  });
});
