import type {
  AttemptClocks,
  Call,
  Continued,
  Endpoint,
  Outcome,
  Target,
  Ticket,
  TokenEstimate,
} from '@breakwater/core';
import type { CallTerms, Harbour } from '../../harbour.js';
import type { Prefill } from '../../providers/options.js';
import { letGo } from '../../receive.js';
import { readAs } from '../../request/read.js';
import type { Wire } from '../../request/wire.js';
import type { Delivered } from './answer.js';
import { type Form, type Question, questionFor } from './question.js';
import { SURELY_REPEATED } from './repeat.js';

/** The call that a request is by itself. */
export type PlainCall = Call<Response> & Required<Pick<Call<Response>, 'estimate' | 'credentialOf'>>;

/** What a call for the rest of an answer is made of. */
export interface RescueParts {
  readonly harbour: Harbour;
  /** The request as it was asked. */
  readonly wire: Wire;
  readonly terms: CallTerms;
  /** Makes a plain call of a request, on the same terms. */
  readonly callOf: (wire: Wire) => PlainCall;
  /** The call that is gone on with. */
  readonly continues: Continued;
  /** Aborts when the caller or the reader of the stream leaves. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left for it. */
  readonly timeoutMs: number;
  /** Whom to leave out, by their ids. */
  readonly failed: readonly string[];
  /** What was delivered; undefined to begin anew. */
  readonly delivered: Delivered | undefined;
}

/** How a target was asked, which says how its answer is to be joined. */
export interface Asked {
  readonly form: Form | 'anew';
  readonly anchor: string | undefined;
  /** See `Question`. */
  readonly unshown?: string;
}

/**
 * The call for the rest of an answer that broke off. Each target is asked in the form that it takes; whoever refuses to go on with its last
 * turn is remembered, and asked the other way at once.
 */
export class RescueCall implements Call<Response> {
  readonly continues: Continued;
  readonly signal: AbortSignal;
  readonly exclude: readonly string[];
  readonly timeoutMs: number;
  readonly streamed = true;
  readonly movable = true;
  readonly repeatable = true;
  readonly signalKeepsTime = false;
  /** How the target was asked that answered last. */
  asked: Asked = { form: 'anew', anchor: undefined };
  readonly #parts: RescueParts;
  readonly #plain: PlainCall;

  constructor(parts: RescueParts) {
    const { wire, callOf } = parts;
    this.#parts = parts;
    const params = wire.facts.body as Readonly<Record<string, unknown>>;
    this.#plain = callOf(withParams(wire, params));
    this.continues = parts.continues;
    this.signal = parts.signal;
    this.timeoutMs = parts.timeoutMs;
    this.exclude = [...(parts.terms.router.exclude ?? []), ...parts.failed];
  }

  get model(): string | undefined {
    return this.#plain.model;
  }

  get endpoint(): string | undefined {
    return this.#plain.endpoint;
  }

  get only(): readonly string[] | undefined {
    return this.#plain.only;
  }

  get fallbacks(): readonly string[] {
    return this.#plain.fallbacks;
  }

  get contextWindowFallbacks(): readonly string[] | undefined {
    return this.#plain.contextWindowFallbacks;
  }

  get maxRetries(): number {
    return this.#plain.maxRetries;
  }

  get clocks(): AttemptClocks {
    return this.#plain.clocks;
  }

  get connectMsIfElsewhere(): number | undefined {
    return this.#plain.connectMsIfElsewhere;
  }

  get contentPolicyFallbacks(): readonly string[] | undefined {
    return this.#plain.contentPolicyFallbacks;
  }

  get stickyKey(): string | undefined {
    return this.#plain.stickyKey;
  }

  get priority(): number | undefined {
    return this.#plain.priority;
  }

  get tags(): readonly string[] | undefined {
    return this.#plain.tags;
  }

  /** Whoever goes on reads what was delivered besides the question. */
  estimate(): TokenEstimate {
    const { delivered, wire, callOf } = this.#parts;
    if (!delivered) return this.#plain.estimate();
    const form = delivered.resource === 'completions' ? 'prompt' : 'instruction';
    return callOf(withParams(wire, questionFor(this.#params, delivered, { form }).params)).estimate();
  }

  credentialOf(endpoint: Endpoint): string | undefined {
    return this.#plain.credentialOf(endpoint);
  }

  async attempt(target: Target, ticket: Ticket): Promise<Outcome<Response>> {
    const { harbour, delivered } = this.#parts;
    if (!delivered) return goingOn(await this.#plain.attempt(target, ticket));
    const { forms } = harbour;
    const way = this.#wayOf(target, delivered);
    const outcome = await this.#ask(questionFor(this.#params, delivered, way), way.form, { target, ticket });
    if (way.form !== 'prefill' || outcome.kind !== 'caller_error') return goingOn(outcome);
    // Nothing else is wrong with the request: without that last turn it was answered before.
    forms.refused(target.id);
    if (outcome.reply) letGo(outcome.reply);
    const instruction = { form: 'instruction' } as const;
    return goingOn(
      await this.#ask(questionFor(this.#params, delivered, instruction), 'instruction', { target, ticket }),
    );
  }

  #wayOf(
    { id, model, endpoint }: Target,
    { resource, text }: Delivered,
  ): { form: Form; prefill?: Prefill | undefined } {
    const { endpoints, forms } = this.#parts.harbour;
    if (resource === 'completions') return { form: 'prompt' };
    // Of so little nobody could tell whether a model that goes on by itself has said it again.
    if (text.trim().length < SURELY_REPEATED) return { form: 'instruction' };
    return forms.formFor(id, model, endpoints.get(endpoint.id)?.options?.prefill);
  }

  discard(response: Response): void {
    letGo(response);
  }

  #ask({ params, ...how }: Question, form: Form, { target, ticket }: { target: Target; ticket: Ticket }) {
    const { wire, callOf } = this.#parts;
    this.asked = { form, ...how };
    return callOf(withParams(wire, params)).attempt(target, ticket);
  }

  get #params(): Readonly<Record<string, unknown>> {
    return this.#parts.wire.facts.body as Readonly<Record<string, unknown>>;
  }
}

/** A request that one target has answered is no mistake of the caller's: who says so cannot serve it, and others can. */
function goingOn(outcome: Outcome<Response>): Outcome<Response> {
  return outcome.kind === 'caller_error' ? { ...outcome, kind: 'not_served' } : outcome;
}

/** The same request with other params. */
function withParams(wire: Wire, params: Readonly<Record<string, unknown>>): Wire {
  const body = JSON.stringify(params);
  const facts = { ...wire.facts, body: params };
  return {
    url: wire.url,
    init: { ...wire.init, body },
    facts,
    reading: readAs(wire.reading.resource, facts, body),
    baseURL: wire.baseURL,
    modelInPath: wire.modelInPath,
    rebuild: wire.rebuild,
    isRest: true,
  };
}
