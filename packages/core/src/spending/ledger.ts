import type { TokenUsage } from '../outcome/usage.js';
import { toldUSD } from './cost.js';

/** What answers used, and what that cost. */
export interface Spent {
  /** What came from a cache among them. */
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** In US dollars, of those answers whose price is known. */
  costUSD: number;
  /** How many answers told what they used, of a model whose price is not known: their cost is missing. */
  unpriced: number;
  /** How many answers did not tell, so that it was estimated; only where there is a budget. */
  estimated: number;
}

/** One answer to be added. */
export interface Entry {
  /** Undefined when it is not known. */
  readonly usage?: TokenUsage | undefined;
  /** In US dollars; undefined when the price is not known. */
  readonly costUSD?: number | undefined;
  /** What the request was marked with. */
  readonly tags?: readonly string[] | undefined;
}

/** Sums are kept of so many tags; they may be the names of customers. */
const MOST_TAGS = 1_000;
/** Where the rest are summed up. */
const OTHER = 'other';

/** A sum of nothing yet. */
export const nothingSpent = (): Spent => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  costUSD: 0,
  unpriced: 0,
  estimated: 0,
});

/** Adds what one answer used. */
export function addTo(sum: Spent, usage: TokenUsage, costUSD: number | undefined): void {
  sum.inputTokens += usage.inputTokens;
  sum.cachedInputTokens += usage.cachedInputTokens;
  sum.outputTokens += usage.outputTokens;
  if (costUSD === undefined) sum.unpriced += 1;
  else sum.costUSD += costUSD;
  if (usage.estimated) sum.estimated += 1;
}

/** Adds one sum to another. */
export function addSpent(sum: Spent, one: Spent): void {
  sum.inputTokens += one.inputTokens;
  sum.cachedInputTokens += one.cachedInputTokens;
  sum.outputTokens += one.outputTokens;
  sum.costUSD += one.costUSD;
  sum.unpriced += one.unpriced;
  sum.estimated += one.estimated;
}

/** A sum as it is told, as a copy. */
export const toldSpent = (sum: Spent): Spent => ({ ...sum, costUSD: toldUSD(sum.costUSD) });

/** What was spent in all, and by tag. */
export class Ledger {
  readonly #all = nothingSpent();
  readonly #tags = new Map<string, Spent>();

  /** A request with several tags counts in full for each of them. */
  add(usage: TokenUsage, costUSD: number | undefined, tags: readonly string[] | undefined): void {
    addTo(this.#all, usage, costUSD);
    if (!tags) return;
    for (let index = 0; index < tags.length; index += 1) {
      const tag = tags[index] as string;
      if (tags.indexOf(tag) === index) addTo(this.#of(tag), usage, costUSD);
    }
  }

  /** Everything, as a copy. */
  all(): Spent {
    return toldSpent(this.#all);
  }

  /** By tag, as a copy. */
  byTag(): Record<string, Spent> {
    return Object.fromEntries([...this.#tags].map(([tag, sum]) => [tag, toldSpent(sum)]));
  }

  #of(tag: string): Spent {
    const known = this.#tags.get(tag);
    if (known) return known;
    // One place is kept for the rest.
    if (tag !== OTHER && this.#tags.size >= MOST_TAGS - (this.#tags.has(OTHER) ? 0 : 1)) return this.#of(OTHER);
    const sum = nothingSpent();
    this.#tags.set(tag, sum);
    return sum;
  }
}
