/** Where the rest is summed up. */
export const OTHER = 'other';

/** A longer name is nobody's model. */
const LONGEST = 128;

/** Names of models come from callers, who may make them up: so many are told, and no more. */
export class ModelNames {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The label of a model. The star stands for all models of an endpoint and is always told; a call without a model has `none`. */
  of(model: string | undefined): string {
    if (model === undefined) return 'none';
    if (model === '*' || this.#known.has(model)) return model;
    if (this.#known.size >= this.#most || model.length > LONGEST) return OTHER;
    this.#known.add(model);
    return model;
  }
}
