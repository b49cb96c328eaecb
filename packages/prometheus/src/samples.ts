/** Puts two values of the same series together: several models may share the label `other`. */
export type Combine = (one: number, other: number) => number;

/** What a gauge is to show for one client. */
export class Samples {
  readonly #values = new Map<string, { readonly labels: readonly string[]; value: number }>();

  /** Notes a value, with those of the labels in their order. */
  note(labels: readonly string[], value: number, combine: Combine): void {
    const key = labels.join('\n');
    const known = this.#values.get(key);
    if (known) known.value = combine(known.value, value);
    else this.#values.set(key, { labels, value });
  }

  /** Goes through all of them. */
  each(tell: (labels: readonly string[], value: number) => void): void {
    for (const { labels, value } of this.#values.values()) tell(labels, value);
  }
}
