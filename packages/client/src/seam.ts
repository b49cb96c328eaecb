import { Engine, type EngineParts, resolveHealthOptions, resolveRouting } from '@breakwater/core';
import type { OpenAI as Official } from 'openai';
import { OptionsError } from './errors.js';
import type { Harbour, Transport } from './harbour.js';
import { keyProberOf, proberOf } from './health/probe.js';
import { DebugLog, type Logging } from './log/debug-log.js';
import { type ResolvedOptions, type RouterOptions, resolveOptions } from './options.js';
import { unknownRegion, unservedFaults } from './providers/choices.js';
import { createEndpoint, createOwnEndpoint, KeyRing, type Primary, type WireEndpoint } from './providers/endpoint.js';
import type { CompleteEndpoint, EndpointOptions } from './providers/options.js';
import { Router } from './router.js';
import { Forms } from './stream/rescue/forms.js';

/** The client's `fetch` option, in the type the official client has for it. */
export type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof Official>[0]>['fetch']>;

/** The official levels at which a warning is not shown. */
const SILENT: ReadonlySet<string | undefined> = new Set(['off', 'error']);

/** Stands in until a client has been adopted. */
const NOBODY: Primary = { baseURL: '', apiKey: null };

/** The official client's own default. */
const DEFAULT_TIMEOUT_MS = 600_000;

/** What a seam is made from. */
export interface SeamParts {
  readonly router: RouterOptions;
  /** What the user calls these options. @default 'router' */
  readonly as?: string | undefined;
  readonly fetch: Fetch;
  /** Milliseconds for a whole call, as far as it is known when the router is made. @default 600000 */
  readonly timeoutMs?: number | undefined;
  /** Makes plain endpoints complete where the client is not a plain one; called with options that have been checked. */
  readonly complete?: (endpoints: readonly EndpointOptions[] | undefined) => readonly CompleteEndpoint[] | undefined;
}

/** The router behind one client and its `withOptions` children: their endpoints, their engine, and the way to both. */
export class Seam {
  /** The options as the user gave them; a child that brings others gets a router of its own. */
  readonly given: RouterOptions;
  /** What was to send requests before there was a router. */
  readonly plainFetch: Fetch;
  readonly options: ResolvedOptions;
  readonly engine: Engine;
  readonly endpoints: readonly WireEndpoint[];
  readonly harbour: Harbour;
  readonly router: Router;
  readonly debugLog: DebugLog;
  readonly keys = new KeyRing();
  readonly #as: string;
  #primary: Primary & Logging = NOBODY;

  constructor({
    router,
    as = 'router',
    fetch,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    complete = (endpoints) => endpoints,
  }: SeamParts) {
    this.given = router;
    this.#as = as;
    this.plainFetch = fetch;
    this.options = resolveOptions(router, timeoutMs);
    const parts = { primary: () => this.#primary, keys: this.keys, prices: this.options.prices };
    const endpoints = complete(this.options.endpoints);
    this.endpoints = endpoints
      ? endpoints.map((endpoint) => createEndpoint(endpoint, parts))
      : [createOwnEndpoint(parts)];
    this.#refuseUnserved();
    const byId = new Map(this.endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const transport: Transport = (url, init) => fetch(url, init);
    const prober = { endpoints: byId, primary: parts.primary, transport, clock: () => this.engine.clock };
    const health = resolveHealthOptions(this.options.health, this.endpoints.length);
    this.engine = this.#engineWith({ options: health, probe: proberOf({ ...prober, own: health.probe }) });
    const keyProbe = keyProberOf(prober);
    this.debugLog = new DebugLog(this.engine.hub, () => this.#primary, typeof router.alerts === 'object');
    this.harbour = {
      engine: this.engine,
      endpoints: byId,
      options: this.options,
      transport,
      keys: this.keys,
      keyProbe,
      forms: new Forms(),
    };
    this.router = new Router(this.harbour);
  }

  #refuseUnserved(): void {
    const { options, endpoints } = this;
    const faults = [...unservedFaults(options, endpoints, this.#as), ...unknownRegion(options, endpoints, this.#as)];
    if (faults.length > 0) throw new OptionsError(faults);
  }

  /** The base URL of the client that the router was made with. */
  get primaryBaseURL(): string {
    return this.#primary.baseURL;
  }

  get endpointIds(): readonly string[] {
    return this.endpoints.map((endpoint) => endpoint.id);
  }

  /**
   * Makes a client the one whose base URL and key stand in where an endpoint has none of its own.
   * @throws OptionsError for an endpoint on another host without a key: keys never go to another host
   */
  adopt(client: Primary & Logging): void {
    // A child of `withOptions` shares the router: it does not change whose router it is.
    if (this.#primary !== NOBODY) return;
    this.#primary = client;
    this.debugLog.heed();
    const faults: string[] = [];
    for (const [index, { id, options, hasOwnKey }] of this.endpoints.entries()) {
      if (options?.baseURL === undefined || hasOwnKey) continue;
      const host = new URL(options.baseURL).origin;
      if (host === new URL(client.baseURL).origin) continue;
      faults.push(
        `${this.#as}.endpoints[${index}].apiKey is required for "${id}": ${host} is not the host of the client's baseURL, and its key never goes to another host`,
      );
    }
    if (faults.length > 0) throw new OptionsError(faults);
  }

  #engineWith(health: EngineParts['health']): Engine {
    const { breakers, shareAs, retries, whenExhausted, hedging, limits, budget, routing } = this.options;
    const complain = (message: string, error: unknown) => this.#complain(message, error);
    return new Engine({
      endpoints: this.endpoints,
      breakers,
      shareAs,
      retries,
      whenExhausted,
      hedging,
      limits,
      budget,
      routing: resolveRouting(routing, { complain }),
      health,
      complain,
    });
  }

  #complain(message: string, error: unknown): void {
    // Read anew each time: users may change both.
    const { logger = console, logLevel } = this.#primary;
    if (SILENT.has(logLevel)) return;
    // Written out: loggers show an error object as {} or as a page of stack.
    logger.warn(`${message}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
