import type { EventName, Listener, RouterEvents } from 'breakwater';
import type { CounterName, HistogramName } from './definitions.js';
import { circuitName, fluxgateState } from './fluxgate.js';
import type { ModelNames } from './model-names.js';
import { Remembered } from './remembered.js';
import type { Tally } from './tally.js';

/** Where events come from. */
export interface Source {
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
}

/** What the events of a client are added to. */
export interface Tallies extends Readonly<Record<CounterName | HistogramName, Tally>> {
  /** Only where Fluxgate's names are wanted. */
  readonly fluxgate: Tally | undefined;
}

type RequestEnd = RouterEvents['request.succeeded'] | RouterEvents['request.failed'];
type AttemptEnd =
  | RouterEvents['attempt.succeeded']
  | RouterEvents['attempt.failed']
  | RouterEvents['attempt.abandoned'];
type Transition = RouterEvents['breaker.closed'];

/** The ways of a breaker; they begin at 0, or the first opening would be no increase for Prometheus. */
const WAYS = [
  ['closed', 'open'],
  ['open', 'half-open'],
  ['half-open', 'open'],
  ['half-open', 'closed'],
] as const;

/** A target is written `endpoint/model`, and the id of an endpoint has no slash. */
const endpointOf = (target: string): string => target.split('/', 1)[0] ?? '';

/** The metrics of one client as a fold of its events. Of a request nothing is kept behind its end. */
export class Fold {
  readonly #to: Tallies;
  readonly #models: ModelNames;
  readonly #asked = new Remembered<{ readonly model: string; readonly streamed: string }>();
  readonly #firstTokens = new Remembered<number>();
  readonly #met = new Set<string>();

  constructor(to: Tallies, models: ModelNames) {
    this.#to = to;
    this.#models = models;
  }

  /** Listens from now on; the answer undoes it. */
  listen(source: Source): () => void {
    const undo = [
      ...this.#requests(source),
      ...this.#attempts(source),
      ...this.#ways(source),
      ...this.#breakers(source),
      ...this.#rests(source),
    ];
    return () => {
      for (const one of undo.splice(0)) one();
      this.#asked.clear();
      this.#firstTokens.clear();
    };
  }

  #requests(source: Source): readonly (() => void)[] {
    const to = this.#to;
    return [
      source.on('request.started', ({ requestId, model, streamed }) =>
        this.#asked.set(requestId, { model: this.#models.of(model), streamed: String(streamed) }),
      ),
      source.on('request.succeeded', (event) => {
        const model = this.#ended(event, 'ok');
        if (event.rerouted) to.rerouted.add(1, model);
      }),
      source.on('request.failed', (event) => void this.#ended(event, event.kind)),
      source.on('stream.ended', ({ kind }) => to.streamEnds.add(1, kind)),
      source.on('lastresort.used', ({ kind }) => to.lastResorts.add(1, kind)),
    ];
  }

  #ended({ requestId, durationMs }: RequestEnd, outcome: string): string {
    // Whoever began before anybody listened is of no known model.
    const { model, streamed } = this.#asked.take(requestId) ?? { model: 'none', streamed: 'false' };
    this.#to.requests.add(1, model, outcome, streamed);
    this.#to.requestSeconds.add(durationMs / 1_000, model, outcome === 'ok' ? 'ok' : 'failed', streamed);
    return model;
  }

  #attempts(source: Source): readonly (() => void)[] {
    return [
      source.on('stream.committed', ({ requestId, attempt, endpoint, model, firstTokenMs }) => {
        this.#firstTokens.set(`${requestId} ${attempt}`, firstTokenMs);
        this.#to.firstTokenSeconds.add(firstTokenMs / 1_000, endpoint, this.#models.of(model));
      }),
      source.on('attempt.succeeded', (event) => this.#attempted(event, 'ok', 'ok')),
      source.on('attempt.failed', (event) => this.#attempted(event, event.kind, 'failed')),
      source.on('attempt.abandoned', (event) => this.#attempted(event, event.kind, 'abandoned')),
    ];
  }

  #attempted(event: AttemptEnd, kind: string, outcome: string): void {
    const { endpoint, durationMs, requestId, attempt } = event;
    const model = this.#models.of(event.model);
    this.#meet(endpoint, model);
    this.#to.attempts.add(1, endpoint, model, kind);
    this.#to.attemptSeconds.add(durationMs / 1_000, endpoint, model, outcome);
    this.#spent(event, model);
    const firstTokenMs = this.#firstTokens.take(`${requestId} ${attempt}`);
    const { outputTokens = 0, estimated } = event.usage ?? {};
    if (kind !== 'ok' || firstTokenMs === undefined || outputTokens < 2 || estimated) return;
    const perToken = Math.max(0, durationMs - firstTokenMs) / 1_000 / (outputTokens - 1);
    this.#to.outputTokenSeconds.add(perToken, endpoint, model);
  }

  #spent({ endpoint, usage, costUSD }: AttemptEnd, model: string): void {
    if (!usage) return;
    const { inputTokens, cachedInputTokens, outputTokens } = usage;
    this.#to.tokens.add(Math.max(0, inputTokens - cachedInputTokens), endpoint, model, 'input');
    this.#to.tokens.add(cachedInputTokens, endpoint, model, 'cached_input');
    this.#to.tokens.add(outputTokens, endpoint, model, 'output');
    if (costUSD === undefined) this.#to.unpriced.add(1, endpoint, model);
    else this.#to.cost.add(costUSD, endpoint, model);
  }

  #ways(source: Source): readonly (() => void)[] {
    const to = this.#to;
    const hedged = (result: string) => (event: { readonly from: string }) =>
      to.hedges.add(1, endpointOf(event.from), result);
    return [
      source.on('failover', (event) => to.failovers.add(1, endpointOf(event.from), endpointOf(event.to), event.kind)),
      source.on('retry', ({ endpoint, model, kind }) => to.retries.add(1, endpoint, this.#models.of(model), kind)),
      source.on('hedge.sent', hedged('sent')),
      source.on('hedge.won', hedged('won')),
      source.on('hedge.lost', hedged('lost')),
      source.on('hedge.denied', hedged('denied')),
      source.on('stream.rescued', ({ from, to: other, how }) =>
        to.rescues.add(1, endpointOf(from), endpointOf(other), how),
      ),
      source.on('budget.exhausted', ({ target }) => to.retryBudget.add(1, endpointOf(target))),
    ];
  }

  #breakers(source: Source): readonly (() => void)[] {
    const moved = (event: Transition) => this.#moved(event);
    return [
      source.on('breaker.opened', moved),
      source.on('breaker.half-opened', moved),
      source.on('breaker.closed', moved),
      source.on('breaker.mode-changed', moved),
      source.on('breaker.would-open', ({ endpoint, model, scope }) =>
        this.#to.wouldOpen.add(1, endpoint, this.#models.of(model), scope),
      ),
    ];
  }

  /** A wait that was set anew, and a mode that leaves the state as it is, are no change of it. */
  #moved({ endpoint, model, scope, from, to }: Transition): void {
    if (from !== to) this.#transition(1, [endpoint, this.#models.of(model), scope], [from, to]);
  }

  #transition(
    amount: number,
    [endpoint, model, scope]: readonly [string, string, string],
    [from, to]: readonly [string, string],
  ): void {
    this.#to.transitions.add(amount, endpoint, model, scope, from, to);
    this.#to.fluxgate?.add(amount, circuitName(endpoint, model), fluxgateState(from), fluxgateState(to));
  }

  #meet(endpoint: string, model: string): void {
    const name = circuitName(endpoint, model);
    if (this.#met.has(name)) return;
    this.#met.add(name);
    for (const way of WAYS) {
      this.#transition(0, [endpoint, model, 'target'], way);
      this.#transition(0, [endpoint, '*', 'transport'], way);
    }
  }

  #rests(source: Source): readonly (() => void)[] {
    const to = this.#to;
    const model = (name: string) => this.#models.of(name);
    return [
      source.on('target.skipped', (event) => to.skips.add(1, event.endpoint, model(event.model), event.reason)),
      source.on('limit.waiting', (event) => to.limitWaits.add(1, event.endpoint, model(event.model), event.dimension)),
      source.on('limit.rejected', (event) =>
        to.limitRejections.add(1, event.endpoint, model(event.model), event.dimension),
      ),
      source.on('cooldown.started', (event) => to.cooldowns.add(1, event.endpoint, model(event.model), event.kind)),
      source.on('quarantine.started', (event) =>
        to.quarantines.add(1, event.endpoint, model(event.model), event.scope, event.reason),
      ),
      source.on('health.probed', ({ endpoint, verdict }) => to.probes.add(1, endpoint, verdict)),
    ];
  }
}
