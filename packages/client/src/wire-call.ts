import type {
  AttemptClocks,
  Call,
  Endpoint,
  Failure,
  Outcome,
  Target,
  Ticket,
  TokenEstimate,
  Way,
} from '@breakwater/core';
import { clocksOf } from './clocks.js';
import { routingError } from './deliver.js';
import type { CallTerms, Harbour } from './harbour.js';
import { lastResortResponse } from './last-resort.js';
import { DEFAULTS } from './options.js';
import { fallbacksOf, namedFor } from './other-models.js';
import type { WireEndpoint } from './providers/endpoint.js';
import { letGo, receive } from './receive.js';
import { dress, type Occasion } from './request/dress.js';
import { estimateTokens } from './request/estimate.js';
import { keyIn } from './request/headers.js';
import { isHedgeable } from './request/hedgeable.js';
import type { RequestView } from './request/read.js';
import type { Dressed, Wire } from './request/wire.js';
import { classifyThrown } from './response/classify.js';
import { officialErrorIn } from './response/official-error.js';
import { NO_STREAM, streamTermsOf } from './stream-terms.js';
import { unsendable } from './unsendable.js';

/** A request as the engine's call. It looks up what it is asked for where that stands: thousands may be under way at the same time. */
export class WireCall implements Call<Response> {
  readonly fallbacks: readonly string[];
  readonly #harbour: Harbour;
  readonly #wire: Wire;
  readonly #terms: CallTerms;
  /** What `#carriedCredential` answered, once it was asked. */
  #carried: string | undefined;
  /** What `routing.stickyKey` said of this request; null until it was asked. */
  #stickyKey: string | undefined | null = null;

  constructor(harbour: Harbour, wire: Wire, terms: CallTerms) {
    this.#harbour = harbour;
    this.#wire = wire;
    this.#terms = terms;
    this.fallbacks = fallbacksOf(wire.reading, terms.router, harbour.options);
  }

  get model(): string | undefined {
    return this.#wire.reading.model;
  }

  get streamed(): boolean {
    return this.#wire.reading.streamed;
  }

  get resource(): string | undefined {
    return this.#wire.reading.resource;
  }

  get movable(): boolean {
    return this.#wire.reading.movable;
  }

  get repeatable(): boolean {
    return this.#wire.reading.repeatable;
  }

  /** Sounds, pictures, files and whatever is not known here are passed on as they come. */
  get readLater(): boolean {
    const { resource } = this.#wire.reading;
    return resource === undefined || resource === 'images' || resource.startsWith('audio.');
  }

  get endpoint(): string | undefined {
    return this.#terms.router.endpoint;
  }

  get hedgeable(): boolean {
    return this.#terms.router.hedging !== false && isHedgeable(this.#wire.reading, this.#wire.facts.body);
  }

  get only(): readonly string[] | undefined {
    return this.#terms.router.only;
  }

  get exclude(): readonly string[] | undefined {
    return this.#terms.router.exclude;
  }

  get stickyKey(): string | undefined {
    const { stickyKey } = this.#harbour.engine.routing;
    if (this.#terms.router.stickyKey !== undefined || !stickyKey) return this.#terms.router.stickyKey;
    // Asked for once: it is the user's function, and may be slow.
    if (this.#stickyKey === null) this.#stickyKey = stickyKey(this.#view());
    return this.#stickyKey;
  }

  get priority(): number | undefined {
    return this.#terms.router.priority;
  }

  get tags(): readonly string[] | undefined {
    return this.#terms.router.tags;
  }

  estimate(): TokenEstimate {
    const { reading, facts } = this.#wire;
    return estimateTokens(reading, facts.body, this.#harbour.options.estimateTokens);
  }

  get signal(): AbortSignal | undefined {
    return this.#terms.signal;
  }

  get timeoutMs(): number {
    return this.#terms.timeoutMs;
  }

  get signalKeepsTime(): boolean {
    return this.#terms.signalKeepsTime;
  }

  get maxRetries(): number {
    return this.#terms.maxRetries;
  }

  /** Only a stream shows its headers before its answer: elsewhere a limit on them would be one on the answer. */
  get connectMsIfElsewhere(): number | undefined {
    return this.streamed ? DEFAULTS.connectMs : undefined;
  }

  get clocks(): AttemptClocks {
    return clocksOf(this.#harbour.options.timeouts, this.#terms.router.timeouts, this.streamed);
  }

  get contextWindowFallbacks(): readonly string[] | undefined {
    return namedFor(this.#wire.reading, this.#terms.router, this.#harbour.options.fallbacksFor.contextWindow);
  }

  get contentPolicyFallbacks(): readonly string[] | undefined {
    return namedFor(this.#wire.reading, this.#terms.router, this.#harbour.options.fallbacksFor.contentPolicy);
  }

  isTimedOut(): boolean {
    return this.#terms.isTimedOut?.() === true;
  }

  /** Where the client's key is used it is the one this request carries: it may have been given for this request alone. */
  credentialOf({ id }: Endpoint): string | undefined {
    if (this.#endpointAt(id).hasOwnKey) return undefined;
    this.#carried ??= this.#carriedCredential();
    return this.#carried || undefined;
  }

  /** The name of the key in the request's headers; empty when there is none. */
  #carriedCredential(): string {
    const sent = keyIn(this.#wire.init.headers);
    return sent === null ? '' : this.#harbour.keys.nameOf(sent.replace(/^Bearer /i, ''));
  }

  async attempt(target: Target, ticket: Ticket): Promise<Outcome<Response>> {
    const { options, transport, engine } = this.#harbour;
    const { reading } = this.#wire;
    const endpoint = this.#endpointAt(target.endpoint.id);
    const key = endpoint.keyFor(ticket.key);
    const dressing = this.#dress({ endpoint, key, model: target.model, attempt: ticket.number });
    const isWaitedFor = dressing instanceof Promise;
    const dressed = isWaitedFor ? await dressing : dressing;
    if ('kind' in dressed) return dressed;
    // Nobody waits for an attempt that was given up meanwhile: sent all the same, it would be done and billed.
    if (isWaitedFor && ticket.signal.aborted) return unsendable(ticket.signal.reason);
    dressed.init.signal = ticket.signal;
    let isAccepted = false;
    let outcome: Outcome<Response>;
    try {
      const response = await (endpoint.fetch ?? transport)(dressed.url, dressed.init);
      isAccepted = response.ok;
      outcome = await receive(response, {
        reading,
        ticket,
        target: target.id,
        endpoint: endpoint.id,
        ...(reading.streamed ? streamTermsOf(this.#parts, ticket) : NO_STREAM),
        commit: this.#wire.isRest ? 'first-content' : options.commit,
        clock: engine.clock,
        // Whoever goes on with a stream has to have said something.
        hasLastResort: options.lastResort !== undefined || this.#wire.isRest === true,
      });
    } catch (thrown) {
      outcome = classifyThrown(thrown);
    }
    key.told(outcome.kind);
    // What has state on a server and was accepted there has been done, however its answer ended: it is not done twice.
    return outcome.kind !== 'ok' && isAccepted && !reading.movable ? { ...outcome, repeatable: false } : outcome;
  }

  get #parts() {
    const [harbour, wire, terms] = [this.#harbour, this.#wire, this.#terms];
    return { harbour, wire, terms, callOf: (other: Wire) => new WireCall(harbour, other, terms) };
  }

  discard(response: Response): void {
    letGo(response);
  }

  /** The request for one target; a key function or a ready-made client that fails is a failure of this target alone. */
  #dress(occasion: Occasion): Dressed | Failure<Response> | Promise<Dressed | Failure<Response>> {
    try {
      const dressing = dress(this.#wire, occasion);
      return dressing instanceof Promise ? dressing.catch(unsendable) : dressing;
    } catch (cause) {
      return unsendable(cause);
    }
  }

  lastResort(failure: Failure<Response>, way: Way): Promise<Response | undefined> | undefined {
    return this.#harbour.options.lastResort && this.#askLastResort(failure, way);
  }

  async #askLastResort(failure: Failure<Response>, way: Way): Promise<Response | undefined> {
    const error = failure.reply ? await officialErrorIn(failure.reply) : routingError(failure, way, this);
    const given = await this.#harbour.options.lastResort?.(error, this.#view());
    return given === undefined ? undefined : lastResortResponse(given, this.#wire.reading);
  }

  /** The request as functions of the user see it. */
  #view(): RequestView {
    const { model, resource, streamed } = this.#wire.reading;
    return { resource, model, streamed, params: this.#wire.facts.body };
  }

  #endpointAt(id: string): WireEndpoint {
    return this.#harbour.endpoints.get(id) as WireEndpoint;
  }
}
