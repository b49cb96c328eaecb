/** What is wrong with a region for a while. Times are in milliseconds from the start of the run. */
export type Fault = Span & Trouble;

/** What can be wrong with a region. */
export type Trouble =
  /** This share of the requests is answered with a 500 at once, without taking a slot. */
  | { readonly kind: 'errors'; readonly share: number }
  /** Requests that arrive are never answered and take no slot; what was being worked on is finished. */
  | { readonly kind: 'hole' }
  /** Work that begins takes so many times as long. */
  | { readonly kind: 'slow'; readonly factor: number };

/** From when until when, the end not included. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The fault that a region has now, if any; where several overlap, the first. */
export function faultAt(faults: readonly Fault[], now: number): Fault | undefined {
  for (const fault of faults) if (fault.from <= now && now < fault.until) return fault;
  return undefined;
}

/** The same trouble again and again: on for `onMs`, off for `offMs`, beginning with on. */
export function flapping(trouble: Trouble, { from, until }: Span, { onMs, offMs }: { onMs: number; offMs: number }) {
  const faults: Fault[] = [];
  for (let start = from; start < until; start += onMs + offMs)
    faults.push({ ...trouble, from: start, until: Math.min(start + onMs, until) });
  return faults;
}

/** What a server lets in: a token bucket that holds as much as comes in a second. */
export class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #at = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Whether a request would be let in now. */
  hasRoom(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= 1;
  }

  /** Lets a request in and answers 0, or tells for how long to stay away, in whole seconds as the header does, in milliseconds. */
  take(now: number): number {
    this.#fill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil((1 - this.#tokens) / this.#perSecond) * 1_000;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
  }
}
