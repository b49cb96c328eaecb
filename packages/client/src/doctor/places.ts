import type { ClientOptions, EndpointOptions } from 'breakwater';
import { AzureOpenAI } from 'openai';

/** A model, and the name that an endpoint knows it by. */
export interface NamedModel {
  readonly model: string;
  readonly name: string;
}

/** An endpoint as it is looked at. */
export interface Place {
  readonly id: string;
  readonly region: string | undefined;
  readonly url: URL;
  /** The models that the configuration names for it; undefined for any. */
  readonly models: readonly NamedModel[] | undefined;
  /** Whether its list of models says nothing of what it answers: Azure lists models, and answers deployments. */
  readonly listsOthers: boolean;
}

/** The id of the endpoint that the official options describe. */
const OWN_ID = 'default';

/** The endpoints of a configuration that a client at `baseURL` was made of. */
export function placesOf({ router = {} }: ClientOptions, baseURL: string): readonly Place[] {
  const { endpoints = [{ id: OWN_ID }] as readonly EndpointOptions[] } = router;
  return endpoints.map(({ id, region, client, baseURL: own, models }) => {
    const url = new URL(client?.baseURL ?? own ?? baseURL);
    const listsOthers = client instanceof AzureOpenAI || /\.azure\.com$/.test(url.hostname);
    return { id, region, url, models: namedIn(models), listsOthers };
  });
}

/** What is expected of an endpoint: of one model, that alone, if it is asked there at all; else what the configuration names. */
export function expectedAt({ models }: Place, model: string | undefined): readonly NamedModel[] {
  if (model === undefined) return models ?? [];
  return models ? models.filter((one) => one.model === model) : [{ model, name: model }];
}

function namedIn(models: EndpointOptions['models']): readonly NamedModel[] | undefined {
  if (models === undefined) return undefined;
  if (Array.isArray(models)) return models.map((model: string) => ({ model, name: model }));
  return Object.entries(models).map(([model, name]) => ({ model, name }));
}
