import { Counter, Gauge, type GaugeConfiguration, Histogram } from 'prom-client';
import type { MetricDefinition } from './definitions.js';
import type { AnyRegistry, ResolvedCollectOptions } from './options.js';
import { Samples } from './samples.js';
import { Tally } from './tally.js';

type AnyMetric = Counter | Gauge | Histogram;

/** A metric in a registry, and who uses it: clients in one registry share their metrics. */
interface Slot {
  readonly metric: AnyMetric;
  /** What each client, by its name, gives to a gauge when it is read; undefined for what is counted. */
  readonly clients: Map<string, ((samples: Samples) => void) | undefined>;
  readonly buckets?: readonly number[];
}

/** How several workers of a cluster are put together. */
export type Aggregator = NonNullable<GaugeConfiguration<string>['aggregator']>;

/** What was registered, by registry and full name. prom-client would refuse the second client. */
const SLOTS = new WeakMap<AnyRegistry, Map<string, Slot>>();

/** The metrics of one client in a registry, until they are released. */
export class Registration {
  readonly #register: AnyRegistry;
  readonly #client: string;
  readonly #undo: (() => void)[] = [];

  constructor({ register, name }: ResolvedCollectOptions) {
    this.#register = register;
    this.#client = name;
  }

  /** A counter for this client. @throws Error if the registry refuses it, TypeError if the client's name is taken */
  counter(name: string, { help, labels }: MetricDefinition): Tally {
    const { metric } = this.#claim(name, () => ({
      metric: new Counter({ name, help, labelNames: ['client', ...labels], registers: [this.#register] }),
      clients: new Map(),
    }));
    const counter = metric as Counter;
    return this.#tally(labels, counter, (own) => {
      const child = counter.labels(own);
      return (amount) => child.inc(amount);
    });
  }

  /** A histogram for this client. @throws as `counter`, and if another client has other buckets */
  histogram(name: string, { help, labels }: MetricDefinition, buckets: readonly number[]): Tally {
    const slot = this.#claim(name, () => ({
      metric: new Histogram({
        name,
        help,
        labelNames: ['client', ...labels],
        buckets: [...buckets],
        registers: [this.#register],
      }),
      clients: new Map(),
      buckets,
    }));
    if (String(slot.buckets) !== String(buckets))
      throw new TypeError(`collect: ${name} has other buckets in this registry; clients that share it share them too`);
    const histogram = slot.metric as Histogram;
    return this.#tally(labels, histogram, (own) => {
      const child = histogram.labels(own);
      return (seconds) => child.observe(seconds);
    });
  }

  /** A gauge that asks `read` whenever it is scraped. @throws as `counter` */
  gauge(
    name: string,
    { help, labels, aggregator }: MetricDefinition & { aggregator: Aggregator },
    read: (samples: Samples) => void,
  ): void {
    this.#claim(
      name,
      () => {
        const clients: Slot['clients'] = new Map();
        const labelNames = ['client', ...labels];
        const collect = function (this: Gauge): void {
          this.reset();
          for (const [client, ask] of clients) {
            const samples = new Samples();
            ask?.(samples);
            samples.each((values, value) => this.labels(client, ...values).set(value));
          }
        };
        const metric = new Gauge({ name, help, labelNames, aggregator, collect, registers: [this.#register] });
        return { metric, clients };
      },
      read,
    );
  }

  /** Takes the client's series out, and each metric that nobody else uses. Harmless when it was done before. */
  release(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  #claim(name: string, make: () => Slot, read?: (samples: Samples) => void): Slot {
    const slots = SLOTS.get(this.#register) ?? new Map<string, Slot>();
    SLOTS.set(this.#register, slots);
    let slot = slots.get(name);
    // Somebody may have cleared the registry meanwhile.
    if (!slot || this.#register.getSingleMetric(name) !== slot.metric) {
      slot = make();
      slots.set(name, slot);
    }
    const { clients, metric } = slot;
    if (clients.has(this.#client))
      throw new TypeError(
        `collect: a client is called "${this.#client}" in this registry already; give each a name of its own`,
      );
    clients.set(this.#client, read);
    this.#undo.push(() => {
      clients.delete(this.#client);
      if (clients.size > 0) return;
      if (slots.get(name)?.metric === metric) slots.delete(name);
      if (this.#register.getSingleMetric(name) === metric) this.#register.removeSingleMetric(name);
    });
    return slot;
  }

  #tally(
    names: readonly string[],
    metric: Counter | Histogram,
    make: (labels: Record<string, string>) => (amount: number) => void,
  ): Tally {
    const tally = new Tally(['client', ...names], this.#client, make);
    this.#undo.push(() => tally.each((labels) => metric.remove(labels)));
    return tally;
  }
}
