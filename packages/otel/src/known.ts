/** The model of a target; what has none (a list of models, a file) stands as `*` in events, which is no model's name. */
export const modelOf = (model: string): string | undefined => (model === '*' ? undefined : model);

/** What stands for a name that is one too many. */
export const OTHER = 'other';

/** Model names as labels: so many are told, the rest is `other`, because callers may make them up. */
export class KnownNames {
  readonly #names: Set<string>;
  readonly #most: number;

  /** With a list that list alone; else the first so many. */
  constructor(list: readonly string[] | undefined, most: number) {
    this.#names = new Set(list);
    this.#most = list ? 0 : most;
  }

  /** The name as a label. */
  label(name: string): string {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#most) return OTHER;
    this.#names.add(name);
    return name;
  }
}
