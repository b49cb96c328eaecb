/** What a model charges, in US dollars for a million tokens. */
export interface ModelPrice {
  readonly inputPerMillionUSD: number;
  /** For what was read from the provider's cache. @default as `inputPerMillionUSD` */
  readonly cachedInputPerMillionUSD?: number | undefined;
  /** Reasoning is output. For models that give vectors it is 0. */
  readonly outputPerMillionUSD: number;
}

/** Prices by the names of models. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

/** How gateways, and Google, write a model of somebody whose own price is known; what runs another's weights has prices of its own. */
const PROVIDER = /^(?:openai|anthropic|google|mistralai|x-ai|models)\//;
/** A dated snapshot: `-2025-04-14`, `-20250929`, `@20250929`, and Google's `-001`. Other numbers are sizes: `-405` is another model. */
const SNAPSHOT = /(?:-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-00\d)$/;

/**
 * The price of a model: under its name as it is, else without the date of its snapshot, else without its provider in front. Nothing else
 * is guessed: `gpt-5-pro` costs twelve times what `gpt-5` does.
 */
export function priceIn(table: PriceTable, model: string): ModelPrice | undefined {
  const bare = model.replace(PROVIDER, '');
  for (const name of [model, undated(model), bare, undated(bare)]) if (Object.hasOwn(table, name)) return table[name];
  return undefined;
}

const undated = (name: string): string => name.replace(SNAPSHOT, '');
