import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { RouterEvents } from 'breakwater';
import * as names from './attributes.js';
import { own } from './attributes.js';
import type { AttemptEnd, CallEnd, NotedName, OpenAttempt, OpenCall, Writer } from './call.js';
import { type KnownNames, modelOf } from './known.js';
import { notesOf } from './notes.js';
import type { ResolvedOptions } from './options.js';
import type { Places } from './places.js';

/** What spans are made with. */
export interface SpanParts {
  readonly tracer: Tracer;
  readonly places: Places;
  readonly models: KnownNames;
  readonly options: Pick<ResolvedOptions, 'name' | 'tags'>;
}

/** Whoever left was not failed. */
const LEFT = 'caller_abort';

/** One span for each call, with one child for each of its attempts. */
export class Spans implements Writer {
  readonly #tracer: Tracer;
  readonly #places: Places;
  readonly #models: KnownNames;
  readonly #options: SpanParts['options'];

  constructor({ tracer, places, models, options }: SpanParts) {
    this.#tracer = tracer;
    this.#places = places;
    this.#models = models;
    this.#options = options;
  }

  callStarted(call: OpenCall): void {
    const { id, operation, model, streamed, resource } = call;
    const attributes: Attributes = {
      [names.OPERATION]: operation,
      [names.PROVIDER]: this.#places.first().provider,
      [own('request.id')]: id,
    };
    if (model !== undefined) attributes[names.REQUEST_MODEL] = model;
    if (streamed) attributes[names.STREAM] = true;
    if (resource !== undefined) attributes[own('resource')] = resource;
    if (this.#options.name !== undefined) attributes[own('client')] = this.#options.name;
    const name = model === undefined ? operation : `${operation} ${this.#models.label(model)}`;
    call.span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, call.context);
  }

  attemptStarted(call: OpenCall, attempt: OpenAttempt): void {
    if (!call.span) return;
    const { target, endpoint, region } = attempt.asked;
    const model = modelOf(attempt.asked.model);
    const attributes: Attributes = {
      [own('attempt.number')]: attempt.number,
      [own('target')]: target,
      [own('endpoint')]: endpoint,
      ...this.#places.of(endpoint).attributes,
    };
    if (model !== undefined) attributes[names.REQUEST_MODEL] = model;
    if (region !== undefined) attributes[own('region')] = region;
    const name = `attempt ${endpoint}${model === undefined ? '' : `/${this.#models.label(model)}`}`;
    attempt.span = this.#tracer.startSpan(name, { attributes }, trace.setSpan(call.context, call.span));
  }

  attemptEnded(_call: OpenCall, { span }: OpenAttempt, end: AttemptEnd): void {
    if (!span) return;
    const { kind, status, usage } = end;
    if (span.isRecording()) {
      if (status !== undefined) span.setAttribute(names.STATUS_CODE, status);
      // The tokens of a call are told by its span, and by that alone: who adds up spans must not count them twice.
      if (usage) {
        span.setAttribute(own('usage.input_tokens'), usage.inputTokens);
        span.setAttribute(own('usage.output_tokens'), usage.outputTokens);
      }
      tellFailure(span, kind);
    }
    span.end();
  }

  callEnded(call: OpenCall, end: CallEnd): void {
    endOpen(call);
    const { span } = call;
    if (!span) return;
    if (span.isRecording()) {
      span.setAttributes(this.#attributesOf(call, end));
      tellFailure(span, end.kind === 'ok' ? undefined : end.kind);
    }
    span.end();
  }

  callDropped(call: OpenCall): void {
    endOpen(call);
    call.span?.setAttribute(own('unfinished'), true);
    call.span?.end();
  }

  noted(call: OpenCall | undefined, name: NotedName, event: RouterEvents[NotedName]): void {
    if (call?.span?.isRecording()) call.span.addEvent(`breakwater.${name}`, notesOf(event));
  }

  #attributesOf(call: OpenCall, { status }: CallEnd): Attributes {
    const { target, used, tags, streamed, answeredMs } = call;
    const attributes: Attributes = { [own('attempts')]: call.attempts };
    if (call.isLastResort) attributes[own('last_resort')] = true;
    else if (target) {
      Object.assign(attributes, this.#places.of(target.endpoint).attributes);
      attributes[own('target')] = target.target;
      const model = modelOf(target.model);
      if (answeredMs !== undefined && model !== undefined) attributes[names.RESPONSE_MODEL] = model;
    }
    if (call.rerouted) attributes[own('rerouted')] = true;
    if (status !== undefined) attributes[names.STATUS_CODE] = status;
    if (streamed && answeredMs !== undefined) attributes[names.FIRST_CHUNK] = answeredMs / 1000;
    if (used) Object.assign(attributes, attributesOfUse(used));
    const told = tags?.filter((tag) => this.#options.tags.includes(tag)) ?? [];
    if (told.length > 0) attributes[own('tags')] = told;
    return attributes;
  }
}

function attributesOfUse(used: NonNullable<OpenCall['used']>): Attributes {
  const { inputTokens, cachedInputTokens, outputTokens, isEstimated, costUSD } = used;
  return {
    [names.INPUT_TOKENS]: inputTokens,
    [names.OUTPUT_TOKENS]: outputTokens,
    ...(cachedInputTokens > 0 && { [names.CACHED_TOKENS]: cachedInputTokens }),
    ...(isEstimated && { [own('estimated')]: true }),
    ...(costUSD !== undefined && { [own('cost.usd')]: costUSD }),
  };
}

/** Ends the spans of attempts that have not come to their end. */
function endOpen({ open }: OpenCall): void {
  for (const { span } of open) {
    span?.setAttribute(own('unfinished'), true);
    span?.end();
  }
  open.length = 0;
}

/** Of a failure its kind is told, and nothing of what anybody said. */
function tellFailure(span: Span, kind: string | undefined): void {
  if (kind === undefined) return;
  span.setAttribute(names.ERROR_TYPE, kind);
  if (kind !== LEFT) span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
}
