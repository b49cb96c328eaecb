import { diag } from '@opentelemetry/api';

/** What is measured of a router, by who measures it: a tracer or meter provider, or the global API where none was named. */
const measured = new WeakMap<object, Map<object, () => void>>();

/**
 * Measures a router with each provider once: told of twice, every call would have two spans and count double, which nobody notices until
 * the bill is compared. `begin` gets the providers that are new, and gives back what undoes it; where all of them measure it already,
 * the undo of those is the answer.
 */
export function once(
  router: object,
  providers: readonly object[],
  begin: (fresh: (provider: object) => boolean) => () => void,
): () => void {
  const known = measured.get(router) ?? new Map<object, () => void>();
  measured.set(router, known);
  const fresh = providers.filter((provider) => !known.has(provider));
  const first = providers.map((provider) => known.get(provider)).find((undo) => undo !== undefined);
  if (first) diag.warn('@breakwater/otel: this client is instrumented already; what is measured is not measured twice');
  if (first && fresh.length === 0) return first;
  const end = begin((provider) => fresh.includes(provider));
  const undo = () => {
    for (const provider of fresh) if (known.get(provider) === undo) known.delete(provider);
    end();
  };
  for (const provider of fresh) known.set(provider, undo);
  return undo;
}
