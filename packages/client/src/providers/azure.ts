// By another name than ours: in one bundle two classes cannot both be called AzureOpenAI, and the name of ours goes out with every request.
import { AzureOpenAI as OfficialAzure } from 'openai';
import { OptionsError } from '../errors.js';
import type { ApiKey, CompleteEndpoint, EndpointOptions } from './options.js';

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
 * headers and deployments are Azure's as well. Nothing of the client or its environment goes along but the API version, the deployment
 * and, for an endpoint without a key, the token provider. An endpoint without address and key is the client's own resource.
 */
export function azureEndpoints(
  endpoints: readonly EndpointOptions[] | undefined,
  azure: AzureOptions,
): readonly CompleteEndpoint[] | undefined {
  return endpoints?.map((endpoint, index) => {
    const isOwn = endpoint.baseURL === undefined && endpoint.apiKey === undefined;
    return endpoint.client || isOwn ? endpoint : asReadyMade(endpoint, index, azure);
  });
}

function asReadyMade(
  { baseURL, apiKey, ...endpoint }: EndpointOptions,
  index: number,
  azure: AzureOptions,
): CompleteEndpoint {
  if (apiKey === undefined && !azure.azureADTokenProvider) {
    throw new OptionsError([
      `router.endpoints[${index}].apiKey is required for "${endpoint.id}": keys never go to another resource`,
    ]);
  }
  const [client, ...others] = (typeof apiKey === 'object' ? apiKey : [apiKey]).map((key) =>
    clientWith(key, baseURL, azure),
  );
  if (!client || others.length === 0) return { ...endpoint, ...(client && { client }) };
  return { ...endpoint, client, clients: [client, ...others] };
}

function clientWith(apiKey: ApiKey | undefined, baseURL: string | undefined, azure: AzureOptions): OfficialAzure {
  const azureADTokenProvider = typeof apiKey === 'function' ? async () => apiKey() : azure.azureADTokenProvider;
  const client = new OfficialAzure({
    ...(azure.apiVersion !== undefined && { apiVersion: azure.apiVersion }),
    ...(azure.deployment !== undefined && { deployment: azure.deployment }),
    ...(baseURL === undefined ? { baseURL: azure.baseURL, endpoint: azure.endpoint } : { baseURL }),
    // An empty key keeps the one in the environment out; so do the nulls.
    ...(typeof apiKey === 'string' ? { apiKey } : { apiKey: '', azureADTokenProvider }),
    organization: null,
    project: null,
  });
  // The later majors put the headers of OPENAI_CUSTOM_HEADERS here, which are meant for the client's own resource.
  (client as unknown as { _options: { defaultHeaders?: unknown } })._options.defaultHeaders = undefined;
  return client;
}
