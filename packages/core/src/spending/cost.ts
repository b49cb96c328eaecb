import type { TokenUsage } from '../outcome/usage.js';
import type { ModelPrice } from './prices.js';

const A_MILLION = 1_000_000;
/** A price is told to the millionth of a millionth of a dollar; what comes after that is what sums of fractions are off by. */
const FINEST = 1e12;
/** So many tokens go in for one that comes out, by a rule of thumb that price lists are compared with. */
const IN_FOR_ONE_OUT = 3;

/** What an answer cost, in US dollars. Of its input, what came from the cache is charged as such, and the rest in full. */
export function costOf(usage: TokenUsage, price: ModelPrice): number {
  const { inputTokens, cachedInputTokens, outputTokens } = usage;
  const { inputPerMillionUSD, cachedInputPerMillionUSD = inputPerMillionUSD, outputPerMillionUSD } = price;
  const input = (inputTokens - cachedInputTokens) * inputPerMillionUSD + cachedInputTokens * cachedInputPerMillionUSD;
  return (input + outputTokens * outputPerMillionUSD) / A_MILLION;
}

/** One number to compare prices by, in US dollars for a million tokens: three of four go in, none from a cache. */
export function blendedUSD({ inputPerMillionUSD, outputPerMillionUSD }: ModelPrice): number {
  return (inputPerMillionUSD * IN_FOR_ONE_OUT + outputPerMillionUSD) / (IN_FOR_ONE_OUT + 1);
}

/** Dollars as they are told: 0.3, where a sum of tenths is 0.30000000000000004. */
export const toldUSD = (dollars: number): number => Math.round(dollars * FINEST) / FINEST;
