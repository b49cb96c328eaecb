import { type ModelPrice, type PriceTable, priceIn } from '@breakwater/core';
import { modelPrices } from './prices.js';

/**
 * What a model costs at one endpoint: by the endpoint's own prices, by those of the router, by the list. `names` are that which callers use,
 * and that by which the endpoint knows it. The user's own prices go by the first and then by the other; the list by the other first, which is
 * what the provider bills.
 */
export function priceOf(names: readonly string[], tables: readonly (PriceTable | undefined)[]): ModelPrice | undefined {
  for (const table of tables) {
    const price = table && priceOfAny(names, table);
    if (price) return price;
  }
  return priceOfAny([...names].reverse(), modelPrices);
}

function priceOfAny(names: readonly string[], table: PriceTable): ModelPrice | undefined {
  for (const name of names) {
    const price = priceIn(table, name);
    if (price) return price;
  }
  return undefined;
}
