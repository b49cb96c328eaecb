/** So many are kept; a stream that nobody reads to its end has no end to be forgotten at. */
const MOST = 10_000;

/** What is known between two events of one call. The oldest is forgotten first. */
export class Remembered<Value> {
  readonly #values = new Map<string, Value>();

  /** Remembers a value; one without an id is nobody's. */
  set(id: string | undefined, value: Value): void {
    if (id === undefined) return;
    if (this.#values.size >= MOST) this.#values.delete(this.#values.keys().next().value ?? '');
    this.#values.set(id, value);
  }

  /** The value, which is forgotten with that. */
  take(id: string | undefined): Value | undefined {
    const value = id === undefined ? undefined : this.#values.get(id);
    if (value !== undefined) this.#values.delete(id as string);
    return value;
  }

  /** Forgets everything. */
  clear(): void {
    this.#values.clear();
  }
}
