import type { Ending } from '@breakwater/core';

/** The end of a stream, told once; of one that somebody else goes on with twice: that of its first part, and that of the whole. */
export class StreamEnd {
  /** How it, or its first part, has ended; never rejects. */
  readonly first: Promise<Ending>;
  #resolve: (ending: Ending) => void = () => {};
  /** How the whole of it ended for its reader. */
  #over: { readonly failure: unknown } | undefined;
  #close: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor() {
    this.first = this.#next();
  }

  /** As a reader of the platform has it: when the whole is over, or what it ended in. Made for those who ask: few do. */
  get closed(): Promise<void> {
    this.#closed ??= new Promise((resolve, reject) => {
      this.#close = () => (this.#over?.failure === undefined ? resolve() : reject(this.#over.failure));
    });
    // Nobody has to look at it.
    this.#closed.catch(() => undefined);
    if (this.#over) this.#close?.();
    return this.#closed;
  }

  /** It is over, for its reader with what was thrown; what is told later changes nothing. */
  tell(ending: Ending, failure?: unknown): void {
    this.#resolve(ending);
    this.#over ??= { failure };
    this.#close?.();
  }

  /** It broke off, and is over when it is told again. */
  goOn(ending: Ending): void {
    const end = this.#resolve;
    end({ ...ending, goesOn: this.#next() });
  }

  #next(): Promise<Ending> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
