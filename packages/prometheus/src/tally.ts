type Labels = Record<string, string>;

interface Series {
  readonly labels: Labels;
  readonly add: (amount: number) => void;
}

/** One client's series of one counter or histogram. It knows which it has begun, so that they can be taken out again. */
export class Tally {
  readonly #names: readonly string[];
  readonly #client: string;
  readonly #make: (labels: Labels) => (amount: number) => void;
  readonly #series = new Map<string, Series>();

  /** `names` are those of all labels, of which the first is the client's. */
  constructor(names: readonly string[], client: string, make: (labels: Labels) => (amount: number) => void) {
    this.#names = names;
    this.#client = client;
    this.#make = make;
  }

  /** Adds an amount to the series with these values, in the order of the labels; 0 begins a series. */
  add(amount: number, ...values: readonly string[]): void {
    const key = values.join('\n');
    let series = this.#series.get(key);
    if (!series) {
      series = this.#begin(values);
      this.#series.set(key, series);
    }
    series.add(amount);
  }

  /** Goes through all series that were begun. */
  each(tell: (labels: Labels) => void): void {
    for (const { labels } of this.#series.values()) tell(labels);
  }

  #begin(values: readonly string[]): Series {
    const all = [this.#client, ...values];
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, all[index] ?? '']));
    return { labels, add: this.#make(labels) };
  }
}
