import { check } from '@breakwater/core';
import type { ClientOptions } from 'openai';
import { OptionsError } from './errors.js';
import { routedFetch, seamOfFetch } from './marked-request.js';
import { ALL_OURS, ONLY_OURS, type RouterOptions } from './options.js';
import { type AzureOptions, azureEndpoints } from './providers/azure.js';
import { deploymentFaults } from './providers/deployment.js';
import { type Fetch, Seam } from './seam.js';

/** Options of a client that may have a router. */
export type RoutedOptions = ClientOptions & { router?: RouterOptions | undefined };

/** A router, and the `fetch` through which the official client reaches it. */
export interface OpenSeam {
  readonly seam: Seam;
  readonly fetch: Fetch;
}

/**
 * Makes the router of a client, or finds the one it shares with the client it was made from by `withOptions`: a child shares it unless
 * it has router options or a base URL of its own, because then its targets are others. Undefined for a client without a router.
 * @throws OptionsError listing everything that is wrong with the `router` option, or options of the router beside it
 */
export function openSeam(options: RoutedOptions, azure?: AzureOptions): OpenSeam | undefined {
  const { router, fetch, baseURL } = options;
  refuseMisplaced(options);
  const parent = seamOfFetch(fetch);
  if (router === undefined && !parent) return undefined;
  if (parent && (router === undefined || router === parent.given) && isSame(baseURL, parent)) {
    return { seam: parent, fetch: fetch as Fetch };
  }
  refuseX509(options);
  // Merged over its parent's, what is no object would pass for none.
  if (router !== undefined) refuseNoObject(router);
  const seam = new Seam({
    router: parent ? { ...parent.given, ...router } : (router as RouterOptions),
    fetch: parent?.plainFetch ?? fetch ?? globalThis.fetch,
    timeoutMs: options.timeout,
    ...(azure && { complete: (endpoints) => azureEndpoints(endpoints, azure) }),
  });
  const faults = deploymentFaults(seam.options, seam.endpoints, azure);
  if (faults.length > 0) throw new OptionsError(faults);
  return { seam, fetch: routedFetch(seam) };
}

/** `withOptions` hands the parent's base URL on, whether or not it was given to the parent. */
function isSame(baseURL: string | null | undefined, parent: Seam): boolean {
  return baseURL == null || baseURL === parent.primaryBaseURL;
}

const anObject = check.recordOf(check.anything);

function refuseNoObject(router: unknown): void {
  const faults = check.faultsOf(anObject, router, 'router');
  const remedy = router === null || router === false ? '; leave it out to have no router' : '';
  if (faults.length > 0) throw new OptionsError(faults.map((fault) => fault + remedy));
}

/** The official client ignores what it does not know: in plain JavaScript nothing would be routed, and nobody would say so. */
function refuseMisplaced(options: RoutedOptions & { readonly [name in keyof RouterOptions]?: unknown }): void {
  let faults: string[] | undefined;
  // Without a router `timeouts` and the like may be anybody's, and what the official client ignores is ignored.
  for (const name of options.router === undefined ? ONLY_OURS : ALL_OURS) {
    // What a class has of its own is its business.
    if (!Object.hasOwn(options, name) || options[name] == null) continue;
    faults ??= [];
    faults.push(`${name} belongs under router: { router: { ${name}: … } }`);
  }
  if (faults) throw new OptionsError(faults);
}

/** The official client lets nobody else send the requests of an X.509 identity. */
function refuseX509(options: RoutedOptions): void {
  const { credential, x509Transport } = options as { credential?: unknown; x509Transport?: unknown };
  if (credential === undefined && x509Transport === undefined) return;
  throw new OptionsError([
    'router cannot be used with an X.509 identity (credential, x509Transport): leave one of them out',
  ]);
}
