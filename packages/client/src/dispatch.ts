import type { Call, Engine, Failure, Target, Ticket } from '@breakwater/core';
import { type Delivery, deliver, errorOf, officialError } from './deliver.js';
import { lastResortResponse } from './last-resort.js';
import type { RequestRouterOptions, ResolvedOptions } from './options.js';
import type { Primary, WireEndpoint } from './providers/endpoint.js';
import { receive } from './receive.js';
import { dress } from './request/dress.js';
import { isText, type Reading } from './request/read.js';
import type { Wire } from './request/wire.js';
import { classifyThrown } from './response/classify.js';

/** Sends a dressed request. */
export type Transport = (url: string, init: RequestInit) => Promise<Response>;

/** The terms of one call, read from whoever made it. */
export interface CallTerms {
  readonly signal: AbortSignal | undefined;
  readonly isTimedOut?: () => boolean;
  readonly timeoutMs: number;
  readonly signalKeepsTime: boolean;
  readonly maxRetries: number;
  readonly router: RequestRouterOptions;
  /** Whose base URL and key stand in at endpoints that have none of their own. @default the client the router was made with */
  readonly primary?: Primary;
}

/** What a dispatcher is made from. */
export interface DispatcherParts {
  readonly engine: Engine;
  readonly endpoints: readonly WireEndpoint[];
  readonly options: ResolvedOptions;
  readonly transport: Transport;
}

/** Brings requests to the engine and what comes of them back: the one place where HTTP and routing meet. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #byId: ReadonlyMap<string, WireEndpoint>;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#byId = new Map(parts.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  }

  /** Sends a request on its way. Rejects never, but for a caller's abort and a failure below HTTP, with what `fetch` threw. */
  async dispatch(wire: Wire, terms: CallTerms): Promise<Delivery> {
    const conclusion = await this.#parts.engine.execute(this.#callOf(wire, terms));
    return deliver(conclusion, terms.isTimedOut?.() === true);
  }

  #callOf(wire: Wire, terms: CallTerms): Call<Response> {
    const { reading } = wire;
    const { timeouts, lastResort } = this.#parts.options;
    const { connectMs, firstTokenMs, attemptMs } = { ...timeouts, ...terms.router.timeouts };
    return {
      ...this.#modelsFor(reading, terms.router),
      streamed: reading.streamed,
      endpoint: terms.router.endpoint,
      movable: reading.movable,
      repeatable: reading.repeatable,
      signal: terms.signal,
      ...(terms.isTimedOut && { isTimedOut: terms.isTimedOut }),
      timeoutMs: terms.timeoutMs,
      signalKeepsTime: terms.signalKeepsTime,
      maxRetries: terms.maxRetries,
      // Only a stream shows its headers before its answer: elsewhere a limit on them would be one on the answer.
      clocks: reading.streamed ? { connectMs, firstTokenMs, attemptMs } : { attemptMs },
      credentialOf: ({ id }) => this.#endpoint(id).credential(terms.primary),
      attempt: (target, ticket) => this.#attempt(wire, target, ticket),
      discard: (response) => void response.body?.cancel().catch(() => undefined),
      ...(lastResort && { lastResort: (failure) => this.#lastResort(wire, failure) }),
    };
  }

  #modelsFor({ model, resource }: Reading, request: RequestRouterOptions) {
    const { fallbacks, fallbacksFor } = this.#parts.options;
    const named = (by: Readonly<Record<string, readonly string[]>> | undefined) =>
      model !== undefined && by && Object.hasOwn(by, model) ? by[model] : undefined;
    const isList = Array.isArray(fallbacks);
    const usual = isList ? (isText(resource) ? (fallbacks as readonly string[]) : []) : named(fallbacks as never);
    return {
      model,
      fallbacks: model === undefined || request.fallbacks === false ? [] : (request.fallbacks ?? usual ?? []),
      contextWindowFallbacks: request.fallbacks === false ? undefined : named(fallbacksFor.contextWindow),
      contentPolicyFallbacks: request.fallbacks === false ? undefined : named(fallbacksFor.contentPolicy),
    };
  }

  async #attempt(wire: Wire, target: Target, ticket: Ticket) {
    const { engine, options, transport } = this.#parts;
    const endpoint = this.#endpoint(target.endpoint.id);
    const dressed = await dress(wire, { endpoint, model: target.model, attempt: ticket.number });
    const send = endpoint.fetch ?? transport;
    try {
      const response = await send(dressed.url, { ...dressed.init, signal: ticket.signal });
      const wall = engine.clock.wall();
      return await receive(response, {
        reading: wire.reading,
        ticket,
        target: target.id,
        commit: options.commit,
        wall,
      });
    } catch (thrown) {
      return classifyThrown(thrown);
    }
  }

  #endpoint(id: string): WireEndpoint {
    return this.#byId.get(id) as WireEndpoint;
  }

  async #lastResort(wire: Wire, failure: Failure<Response>): Promise<Response | undefined> {
    const { model, resource, streamed } = wire.reading;
    const error = failure.reply ? await officialError(failure.reply.clone()) : errorOf(failure);
    const request = { resource, model, streamed, params: wire.facts.body };
    const given = await this.#parts.options.lastResort?.(error, request);
    return given === undefined ? undefined : lastResortResponse(given, wire.reading);
  }
}
