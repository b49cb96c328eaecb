import type { Ending } from '@breakwater/core';

/** The end of a stream, told once; of one that somebody else goes on with twice: that of its first part, and that of the whole. */
export class StreamEnd {
  /** How it, or its first part, has ended; never rejects. */
  readonly first: Promise<Ending>;
  #resolve: (ending: Ending) => void = () => {};

  constructor() {
    this.first = this.#next();
  }

  /** It is over; what is told later changes nothing. */
  tell(ending: Ending): void {
    this.#resolve(ending);
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
