import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api';
import type { Router, Status } from 'breakwater';
import { own, REQUEST_MODEL } from './attributes.js';
import type { MetricParts } from './metrics.js';

type Breaker = Status['targets'][number]['breaker'];

const STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** 0 lets calls through, 1 tries, 2 lets none through. */
function levelOf({ state, mode }: Breaker): number {
  if (mode === 'forced-open') return STATES.open;
  return mode === 'auto' ? STATES[state] : STATES.closed;
}

/** What is as it is whenever somebody looks: breakers, and what is under way. The answer undoes it. */
export function observe(router: Router, { meter, models, common }: Omit<MetricParts, 'places'>): () => void {
  const state = meter.createObservableGauge('breakwater.client.breaker.state', {
    description:
      'Breaker of a target: 0 closed, 1 half-open, 2 open; of model * that of all connections to the endpoint.',
  });
  const inFlight = meter.createObservableUpDownCounter('breakwater.client.in_flight', {
    description: 'Attempts under way, streams that are being read among them.',
    unit: '{attempt}',
  });
  const look = (result: BatchObservableResult): void => {
    const levels = new Labelled(Math.max);
    const flights = new Labelled((one, other) => one + other);
    for (const { endpoint, model, breaker, transport, inFlight: underWay } of router.status().targets) {
      const labels = [endpoint, models.label(model)] as const;
      levels.add(labels, levelOf(breaker));
      levels.add([endpoint, '*'], levelOf(transport));
      flights.add(labels, underWay);
    }
    levels.forEach(common, (value, attributes) => result.observe(state, value, attributes));
    flights.forEach(common, (value, attributes) => result.observe(inFlight, value, attributes));
  };
  return watch(meter, look, [state, inFlight]);
}

function watch(
  meter: Meter,
  look: (result: BatchObservableResult) => void,
  all: Parameters<Meter['addBatchObservableCallback']>[1],
) {
  meter.addBatchObservableCallback(look, all);
  return () => meter.removeBatchObservableCallback(look, all);
}

/** Numbers by endpoint and model; those of models that share a label are joined. */
class Labelled {
  readonly #join: (one: number, other: number) => number;
  readonly #numbers = new Map<string, { readonly endpoint: string; readonly model: string; value: number }>();

  constructor(join: (one: number, other: number) => number) {
    this.#join = join;
  }

  add([endpoint, model]: readonly [endpoint: string, model: string], value: number): void {
    const key = JSON.stringify([endpoint, model]);
    const known = this.#numbers.get(key);
    if (known) known.value = this.#join(known.value, value);
    else this.#numbers.set(key, { endpoint, model, value });
  }

  forEach(common: Attributes, tell: (value: number, attributes: Attributes) => void): void {
    for (const { endpoint, model, value } of this.#numbers.values())
      tell(value, { ...common, [own('endpoint')]: endpoint, [REQUEST_MODEL]: model });
  }
}
