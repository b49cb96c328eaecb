import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api';
import type { RouterEvents } from 'breakwater';
import * as names from './attributes.js';
import { own } from './attributes.js';
import type { AttemptEnd, CallEnd, NotedName, OpenAttempt, OpenCall, Writer } from './call.js';
import { type KnownNames, modelOf } from './known.js';
import type { Places } from './places.js';

/** What metrics are made with. */
export interface MetricParts {
  readonly meter: Meter;
  readonly places: Places;
  readonly models: KnownNames;
  /** On every one of them. */
  readonly common: Attributes;
}

/** Boundaries in seconds, as the conventions want them. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/** The same for tokens: powers of four. */
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** The metrics of calls and attempts. Their labels are endpoints, known models, operations and kinds of failure. */
export class Metrics implements Writer {
  readonly #places: Places;
  readonly #models: KnownNames;
  readonly #common: Attributes;
  readonly #duration: Histogram;
  readonly #tokens: Histogram;
  readonly #firstChunk: Histogram;
  readonly #perChunk: Histogram;
  readonly #attempts: Counter;
  readonly #noted: Partial<Record<NotedName, Counter>>;

  constructor({ meter, places, models, common }: MetricParts) {
    this.#places = places;
    this.#models = models;
    this.#common = common;
    const seconds = (name: string, description: string) =>
      meter.createHistogram(`gen_ai.client.${name}`, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS },
      });
    const counter = (name: string, unit: string, description: string) =>
      meter.createCounter(`breakwater.client.${name}`, { description, unit: `{${unit}}` });
    this.#duration = seconds('operation.duration', 'GenAI operation duration.');
    this.#firstChunk = seconds('operation.time_to_first_chunk', 'Time to the first content of a stream.');
    this.#perChunk = seconds('operation.time_per_output_chunk', 'Mean time per chunk of a stream after its first.');
    this.#tokens = meter.createHistogram('gen_ai.client.token.usage', {
      description: 'Number of input and output tokens used.',
      unit: '{token}',
      advice: { explicitBucketBoundaries: TOKENS },
    });
    this.#attempts = counter('attempts', 'attempt', 'Attempts by target and outcome.');
    const hedges = counter('hedges', 'hedge', 'Second targets asked beside a slow one, by outcome.');
    this.#noted = {
      failover: counter('failovers', 'failover', 'Calls that went on to another target.'),
      retry: counter('retries', 'retry', 'Targets that were asked again.'),
      'stream.rescued': counter('rescues', 'rescue', 'Streams that broke off and went on elsewhere.'),
      'hedge.won': hedges,
      'hedge.lost': hedges,
      'hedge.denied': hedges,
    };
  }

  callStarted(): void {}

  attemptStarted(): void {}

  attemptEnded(call: OpenCall, _attempt: OpenAttempt, end: AttemptEnd): void {
    const { kind, usage, endpoint } = end;
    const model = modelOf(end.model);
    const attributes: Attributes = { ...this.#common, [own('endpoint')]: endpoint };
    if (model !== undefined) attributes[names.REQUEST_MODEL] = this.#models.label(model);
    if (kind !== undefined) attributes[names.ERROR_TYPE] = kind;
    this.#attempts.add(1, attributes, call.context);
    // What was counted about is no measurement.
    if (!usage || usage.estimated) return;
    const common = this.#attributesOf(call, end);
    this.#tokens.record(usage.inputTokens, { ...common, [names.TOKEN_TYPE]: 'input' }, call.context);
    this.#tokens.record(usage.outputTokens, { ...common, [names.TOKEN_TYPE]: 'output' }, call.context);
  }

  callEnded(call: OpenCall, { kind, durationMs, chunks }: CallEnd): void {
    const answered = call.answeredMs !== undefined && !call.isLastResort;
    const attributes = this.#attributesOf(call, call.isLastResort ? undefined : call.target, answered);
    if (call.streamed && call.answeredMs !== undefined) {
      this.#firstChunk.record(call.answeredMs / 1000, attributes, call.context);
      if (chunks) this.#perChunk.record((durationMs - call.answeredMs) / 1000 / chunks, attributes, call.context);
    }
    // The attributes of a point are kept as they are given.
    const ended = kind === 'ok' ? attributes : { ...attributes, [names.ERROR_TYPE]: kind };
    this.#duration.record(durationMs / 1000, ended, call.context);
  }

  /** How long it took is not known. */
  callDropped(): void {}

  noted(call: OpenCall | undefined, name: NotedName, event: RouterEvents[NotedName]): void {
    const counter = this.#noted[name];
    if (!counter) return;
    const { from, to, target, kind, how } = event as {
      readonly [key in 'from' | 'to' | 'target' | 'kind' | 'how']?: string;
    };
    const attributes: Attributes = { ...this.#common };
    const first = from ?? target;
    if (first !== undefined) attributes[own('from')] = this.#places.endpointOf(first) ?? '';
    if (to !== undefined) attributes[own('to')] = this.#places.endpointOf(to) ?? '';
    if (kind !== undefined) attributes[names.ERROR_TYPE] = kind;
    if (how !== undefined) attributes[own('how')] = how;
    if (name.startsWith('hedge.')) attributes[own('outcome')] = name.slice('hedge.'.length);
    counter.add(1, attributes, call?.context);
  }

  #attributesOf(
    { operation, model }: OpenCall,
    target: { readonly endpoint: string; readonly model: string } | undefined,
    answered = true,
  ): Attributes {
    const place = target ? this.#places.of(target.endpoint) : this.#places.first();
    const attributes: Attributes = { ...this.#common, [names.OPERATION]: operation };
    if (target) Object.assign(attributes, place.attributes);
    else attributes[names.PROVIDER] = place.provider;
    if (model !== undefined) attributes[names.REQUEST_MODEL] = this.#models.label(model);
    const answering = target && answered ? modelOf(target.model) : undefined;
    if (answering !== undefined) attributes[names.RESPONSE_MODEL] = this.#models.label(answering);
    return attributes;
  }
}
