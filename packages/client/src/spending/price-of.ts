import { type ModelPrice, type PriceTable, priceIn } from '@breakwater/core';
import { modelPrices } from './prices.js';

/**
 * What a model costs at one endpoint: by the endpoint's own prices, by those of the router, by the list; in each by the name that callers
 * use, and by the one that the endpoint knows it by, in this order.
 */
export function priceOf(names: readonly string[], tables: readonly (PriceTable | undefined)[]): ModelPrice | undefined {
  for (const table of [...tables, modelPrices]) {
    for (const name of names) {
      const price = table && priceIn(table, name);
      if (price) return price;
    }
  }
  return undefined;
}
