// By another name than ours: in one bundle two classes cannot both be called AzureOpenAI, and the name of ours goes out with every request.
import { AzureOpenAI as OfficialAzure } from 'openai';
import type { EndpointOptions } from './options.js';

/** The part of an Azure client's options that its other endpoints share. */
export interface AzureOptions {
  readonly baseURL?: string | null | undefined;
  readonly endpoint?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly deployment?: string | undefined;
  readonly azureADTokenProvider?: (() => Promise<string>) | undefined;
}

/**
 * Turns the plain endpoints of an Azure client into ready-made Azure clients: they differ in address and key, but their URLs, key
 * headers and deployments are Azure's as well. A key never goes to another resource: an endpoint without one uses the token provider.
 */
export function azureEndpoints(
  endpoints: readonly EndpointOptions[] | undefined,
  azure: AzureOptions,
): readonly EndpointOptions[] | undefined {
  return endpoints?.map((endpoint) => (endpoint.client ? endpoint : asReadyMade(endpoint, azure)));
}

function asReadyMade({ baseURL, apiKey, ...endpoint }: EndpointOptions, azure: AzureOptions): EndpointOptions {
  const token = typeof apiKey === 'function' ? async () => apiKey() : undefined;
  const isElsewhere = baseURL !== undefined;
  const key = typeof apiKey === 'string' ? apiKey : isElsewhere ? undefined : azure.apiKey;
  const provider = token ?? (key === undefined ? azure.azureADTokenProvider : undefined);
  const client = new OfficialAzure({
    ...(azure.apiVersion !== undefined && { apiVersion: azure.apiVersion }),
    ...(azure.deployment !== undefined && { deployment: azure.deployment }),
    ...(isElsewhere ? { baseURL } : { baseURL: azure.baseURL, endpoint: azure.endpoint }),
    ...(provider ? { azureADTokenProvider: provider, apiKey: undefined } : { apiKey: key }),
  });
  return { ...endpoint, client };
}
