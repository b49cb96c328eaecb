import type { Attributes } from '@opentelemetry/api';
import type { EndpointView, Router } from 'breakwater';
import { PROVIDER, SERVER_ADDRESS, SERVER_PORT } from './attributes.js';

/** An endpoint as attributes tell of it. */
export interface Place {
  readonly endpoint: string;
  readonly provider: string;
  /** Provider, host and port. */
  readonly attributes: Attributes;
}

/** Providers by the ends of their hosts; whoever is not among them speaks as OpenAI does, which is what the attribute tells. */
const HOSTS: readonly (readonly [end: string, provider: string])[] = [
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['.services.ai.azure.com', 'azure.ai.inference'],
  ['.amazonaws.com', 'aws.bedrock'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['.anthropic.com', 'anthropic'],
  ['.cohere.com', 'cohere'],
  ['.cohere.ai', 'cohere'],
  ['.deepseek.com', 'deepseek'],
  ['.groq.com', 'groq'],
  ['.mistral.ai', 'mistral_ai'],
  ['.moonshot.ai', 'moonshot_ai'],
  ['.perplexity.ai', 'perplexity'],
  ['.x.ai', 'x_ai'],
];
const FALLBACK = 'openai';

/** Where endpoints are, and whose they are. There are as many as were configured. */
export class Places {
  readonly #router: Router;
  readonly #providers: Readonly<Record<string, string>>;
  readonly #places = new Map<string, Place>();
  #ids: readonly string[] | undefined;
  #first: string | undefined;

  constructor(router: Router, providers: Readonly<Record<string, string>>) {
    this.#router = router;
    this.#providers = providers;
  }

  /** An endpoint by its id. */
  of(endpoint: string): Place {
    return this.#places.get(endpoint) ?? this.#find(endpoint);
  }

  /** The endpoint of a target, `seoul` of `seoul/gpt-4.1`; undefined for what is none, such as `lastResort`. */
  endpointOf(target: string): string | undefined {
    // Both ids and models may have slashes in them: only those who were configured know, and the longest fits best.
    this.#ids ??= this.#views()
      .map(({ id }) => id)
      .sort((one, other) => other.length - one.length);
    return this.#ids.find((id) => target.startsWith(`${id}/`));
  }

  /** Whoever stands first in the options. */
  first(): Place {
    this.#first ??= this.#views()[0]?.id ?? '';
    return this.of(this.#first);
  }

  #views(): readonly EndpointView[] {
    return this.#router.endpoints();
  }

  #find(endpoint: string): Place {
    const view = this.#views().find(({ id }) => id === endpoint);
    const place = placeOf(endpoint, view, Object.hasOwn(this.#providers, endpoint) ? this.#providers[endpoint] : '');
    // Without an address it may get one yet.
    if (view?.origin !== undefined) this.#places.set(endpoint, place);
    return place;
  }
}

function placeOf(endpoint: string, view: EndpointView | undefined, told: string | undefined): Place {
  const url = view?.origin === undefined ? undefined : new URL(view.origin);
  const provider = told || providerAt(url?.hostname ?? '');
  const server = url && { [SERVER_ADDRESS]: url.hostname, [SERVER_PORT]: portOf(url) };
  return { endpoint, provider, attributes: Object.freeze({ [PROVIDER]: provider, ...server }) };
}

const providerAt = (host: string): string => HOSTS.find(([end]) => `.${host}`.endsWith(end))?.[1] ?? FALLBACK;

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port));
