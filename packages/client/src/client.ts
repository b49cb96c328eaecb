import type { EventName, Listener } from '@breakwater/core';
import type { APIError } from 'openai';
import { type APIPromise, OpenAI as Official, AzureOpenAI as OfficialAzure } from 'openai';
import type { AzureClientOptions } from 'openai/azure';
import { OptionsError } from './errors.js';
import { type Listening, listeningTo } from './listening.js';
import {
  errorBehind,
  type FinalRequestOptions,
  keepPath,
  markRequest,
  withoutOfficialRetries,
} from './marked-request.js';
import { type OpenSeam, openSeam, type RoutedOptions } from './open-seam.js';
import { noteOwnHooks } from './request/build.js';
import { linked } from './response/linked.js';
import { rememberRoute, routeOf } from './response/route-of.js';
import type { Router } from './router.js';
import type { Seam } from './seam.js';
import { SEAM } from './seam-key.js';

type Building = ReturnType<Official['buildRequest']>;

interface Seamed {
  readonly [SEAM]?: Seam;
}

/** The client's own part of the construction: remembers the router, and lets it check what only the finished client knows. */
function settle(client: Official, opened: OpenSeam | undefined): void {
  if (!opened) return;
  Object.defineProperty(client, SEAM, { value: opened.seam });
  opened.seam.adopt(client);
}

function seamOf(client: Seamed, use: string): Seam {
  const seam = client[SEAM];
  if (seam) return seam;
  throw new OptionsError([`${use} needs a router; pass { router: {} } to the constructor`]);
}

/** Listening to the events of a client's router. */
function eventsOf(client: Seamed, use: string): Listening {
  return listeningTo(seamOf(client, use).engine.hub, 'client');
}

/** Our own error where we made one, the official one else; either knows the way its call went. */
function statusError(official: () => Error, headers: unknown): Error {
  const own = errorBehind(headers);
  if (own) return own;
  const error = official();
  const route = routeOf({ headers });
  if (route) rememberRoute(error, route);
  return error;
}

/**
 * Marks what was built for our `fetch`, if there is a router. So does `prepareRequest`: of the two documented hooks a subclass may override
 * one without a word to us. Where that one is ours it comes next, and marking here would cost a promise for nothing.
 */
function marked(client: Official & Seamed, options: FinalRequestOptions, building: Building): Building {
  if (!client[SEAM] || preparesAsWeDo(client)) return building;
  return building.then((built) => {
    markRequest(built.req, { client, options });
    return built;
  });
}

const isStray = (options: object): boolean => (options as { readonly router?: unknown }).router !== undefined;

const strayRouter = () =>
  new OptionsError(['router of a request needs a client with a router; pass { router: {} } to the constructor']);

/**
 * The official client, and with the `router` option one that goes to the best of several targets. Without it nothing of ours is in
 * the way. Everything the official client has stays as it is.
 */
export class OpenAI extends Official {
  static override OpenAI = this;
  declare readonly [SEAM]?: Seam;

  /** @throws OptionsError listing everything that is wrong with `options.router`; official options fail as they always did */
  constructor(options: RoutedOptions = {}) {
    const opened = openSeam(options);
    super(opened ? { ...options, router: undefined, fetch: opened.fetch } : options);
    settle(this, opened);
  }

  /** The child is given the router options: among the official ones, which print with the client, nobody looks for keys. */
  override withOptions(options: Partial<RoutedOptions>): this {
    return super.withOptions(this[SEAM] ? { router: this[SEAM].given, ...options } : options);
  }

  /** A look inside the router. @throws OptionsError on a client without one */
  override get router(): Router {
    return seamOf(this, 'client.router').router;
  }

  /** Listens to an event of the router; the answer undoes it. @throws OptionsError for no event or no listener, or without a router */
  override on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return eventsOf(this, 'client.on').on(name, listener);
  }

  /** Listens for one event; the answer undoes it. @throws OptionsError as `on` */
  override once<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return eventsOf(this, 'client.once').once(name, listener);
  }

  /** Stops listening. @throws OptionsError as `on` */
  override off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    eventsOf(this, 'client.off').off(name, listener);
  }

  /** The official hook below every resource: with a router the official loop makes one try, because exactly one layer retries. */
  override request<Answer>(
    options: FinalRequestOptions | Promise<FinalRequestOptions>,
    remainingRetries: number | null = null,
  ): APIPromise<Answer> {
    if (!this[SEAM]) return super.request<Answer>(options, remainingRetries);
    const once = options instanceof Promise ? options.then(withoutOfficialRetries) : withoutOfficialRetries(options);
    return linked(super.request<Answer>(once, remainingRetries === null ? null : 0));
  }

  /** The official hook that builds a request: what it built is marked for our `fetch`. */
  override buildRequest(...[options, about]: Parameters<Official['buildRequest']>): Building {
    return this[SEAM] || !isStray(options)
      ? marked(this, options, super.buildRequest(options, about))
      : Promise.reject(strayRouter());
  }

  protected override prepareRequest(
    request: RequestInit,
    about: { url: string; options: FinalRequestOptions },
  ): Promise<void> {
    // A subclass may leave out what the official hook does not look at.
    if (this[SEAM] && about?.options) markRequest(request, { client: this, options: about.options });
    return super.prepareRequest(request, about);
  }

  protected override makeStatusError(...parts: Parameters<Official['makeStatusError']>): APIError {
    return statusError(() => super.makeStatusError(...parts), parts[3]) as APIError;
  }
}

// It marks, and changes nothing that could be signed.
noteOwnHooks(OpenAI.prototype);

interface Preparing {
  readonly prepareRequest?: unknown;
}

const { prepareRequest: ownPrepareRequest } = OpenAI.prototype as unknown as Preparing;
const preparesAsWeDo = (client: unknown): boolean => (client as Preparing).prepareRequest === ownPrepareRequest;

type RequestList = Official['requestAPIList'];

/**
 * Lists do not pass `request`, so the official loop is told by their options. Not written as a method, because its page classes have
 * private members that TypeScript takes for others in every override.
 */
const requestAPIList = function (this: OpenAI, ...[PageClass, options]: Parameters<RequestList>) {
  const official: RequestList = Official.prototype.requestAPIList;
  if (!this[SEAM]) return official.call(this, PageClass, options);
  const once = options instanceof Promise ? options.then(withoutOfficialRetries) : withoutOfficialRetries(options);
  return official.call(this, PageClass, once as FinalRequestOptions);
};
Object.defineProperty(OpenAI.prototype, 'requestAPIList', {
  value: requestAPIList,
  writable: true,
  configurable: true,
});

/** The official Azure client, with the same `router` option; endpoints given by base URL and key are Azure resources as well. */
export class AzureOpenAI extends OfficialAzure {
  declare readonly [SEAM]?: Seam;
  /** As in {@link OpenAI}; these four are put there below. */
  declare readonly router: OpenAI['router'];
  declare readonly on: OpenAI['on'];
  declare readonly once: OpenAI['once'];
  declare readonly off: OpenAI['off'];

  /** @throws OptionsError listing everything that is wrong with `options.router`; official options fail as they always did */
  constructor(options: AzureClientOptions & RoutedOptions = {}) {
    const opened = openSeam(options, options);
    super(opened ? { ...options, router: undefined, fetch: opened.fetch } : options);
    settle(this, opened);
  }

  /** An Azure client writes the deployment into the path when it builds a request. */
  protected override prepareOptions(options: FinalRequestOptions): Promise<void> {
    if (this[SEAM]) keepPath(options);
    return super.prepareOptions(options);
  }

  /** As in {@link OpenAI}, on top of what the official Azure client does here. */
  override buildRequest(...[options, about]: Parameters<Official['buildRequest']>): Building {
    return this[SEAM] || !isStray(options)
      ? marked(this, options, super.buildRequest(options, about))
      : Promise.reject(strayRouter());
  }

  /** Some majors lose these two in the child. */
  override withOptions(options: Partial<AzureClientOptions & RoutedOptions>): this {
    return super.withOptions({
      ...(this[SEAM] && { router: this[SEAM].given }),
      apiVersion: this.apiVersion,
      deployment: this.deploymentName,
      ...options,
    } as typeof options);
  }
}

// An Azure client differs in addresses and keys, not in the hooks: they are the very same methods. Their `super` is the official
// client's prototype, which is right here too, because the official Azure client overrides none of these but the three left out.
const {
  constructor: _constructor,
  withOptions: _withOptions,
  buildRequest: _buildRequest,
  ...routing
} = Object.getOwnPropertyDescriptors(OpenAI.prototype);
Object.defineProperties(AzureOpenAI.prototype, routing);
