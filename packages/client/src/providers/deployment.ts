import type { AzureOptions } from './azure.js';
import { fallbackLists, type ModelChoices } from './choices.js';
import type { WireEndpoint } from './endpoint.js';

/**
 * What of the options has no meaning beside a fixed deployment, one line each. An Azure client with one sends every request there: by
 * another name, or as another model, the same deployment would be asked once more, and nobody would know.
 */
export function deploymentFaults(
  choices: ModelChoices,
  endpoints: readonly WireEndpoint[],
  azure: AzureOptions | undefined,
): readonly string[] {
  const fixed = new Map(endpoints.map((endpoint) => [endpoint, deploymentOf(endpoint, azure)]));
  const faults = endpoints.flatMap((endpoint, index) => {
    const deployment = fixed.get(endpoint);
    const [model, name] = deployment === undefined ? [] : (renamedBy(endpoint, deployment) ?? []);
    if (model === undefined) return [];
    return [
      `router.endpoints[${index}].models cannot rename ${JSON.stringify(model)} to ${JSON.stringify(name)}: its client has a deployment (${JSON.stringify(deployment)}), which answers for every model; leave one of them out`,
    ];
  });
  for (const { option, models } of fallbackLists(choices, 'router')) {
    const model = models.find((one) => {
      const serving = endpoints.filter(({ serves }) => serves(one));
      // An endpoint that lists the model says itself that its deployment is that one.
      return serving.length > 0 && serving.every((endpoint) => fixed.get(endpoint) && !endpoint.options?.models);
    });
    if (model === undefined) continue;
    faults.push(
      `${option} cannot name ${JSON.stringify(model)}: the client has a deployment, which answers for every model; leave that out, so that a model is its own deployment, or add an endpoint that serves the model`,
    );
  }
  return faults;
}

/** The first model that has another name there, unless that is the deployment itself. */
function renamedBy({ options }: WireEndpoint, deployment: string): readonly [model: string, name: string] | undefined {
  const { models = [] } = options ?? {};
  const isOther = ([model, name]: readonly [string, string]) => model !== name && name !== deployment;
  return Array.isArray(models) ? undefined : Object.entries(models).find(isOther);
}

/** The deployment that every request to an endpoint goes to, named by its Azure client or in that client's base URL. */
function deploymentOf({ client }: WireEndpoint, azure: AzureOptions | undefined): string | undefined {
  const { deploymentName, baseURL } = client
    ? (client as { readonly deploymentName?: string; readonly baseURL?: string })
    : { deploymentName: azure?.deployment, baseURL: azure?.baseURL };
  const isAzure = client ? 'deploymentName' in client : azure !== undefined;
  if (!isAzure) return undefined;
  return deploymentName || /\/deployments\/([^/?]+)/.exec(baseURL ?? '')?.[1];
}
