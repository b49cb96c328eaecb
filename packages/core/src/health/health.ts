/**
 * What a probe has found. `good`: the endpoint is there. `bad`: it is not, or not well. `refused`: it does not take the key. `unsupported`:
 * it cannot be looked at in this way. `unclear`: neither good nor bad, as a 429.
 */
export type ProbeVerdict = 'good' | 'bad' | 'refused' | 'unsupported' | 'unclear';

/** How an endpoint stands. `unknown`: nobody has looked yet, and no call was answered. */
export type HealthState = 'unknown' | 'up' | 'down';

/** How many probes in a row it takes, and for how long they are worth something, in milliseconds. */
export interface HealthTerms {
  readonly fall: number;
  readonly rise: number;
  /** A `down` that no probe has confirmed for so long keeps nobody away. */
  readonly staleMs: number;
}

/**
 * What probes and calls say of one endpoint. Probes are the lesser witness, because the way to a list of models may be well or sick when
 * that to the models is not: a call that is answered overrules whatever they said.
 */
export class EndpointHealth {
  readonly terms: HealthTerms;
  #state: HealthState = 'unknown';
  /** Probes in a row that say the opposite of the state. */
  #streak = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #usedAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #looksAtKeys = false;

  constructor(terms: HealthTerms) {
    this.terms = terms;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Milliseconds for which it should be passed over while there is somebody else; 0 when it need not be. */
  downLeftMs(now: number): number {
    return this.#state === 'down' ? Math.max(0, this.#probedAt + this.terms.staleMs - now) : 0;
  }

  /** Milliseconds since a call last went there, or ended there; infinite before the first. */
  idleMs(now: number): number {
    return now - this.#usedAt;
  }

  /** Whether a call was answered there at this time or after. */
  hasAnsweredSince(then: number): boolean {
    return this.#answeredAt >= then;
  }

  /** A call goes there. */
  asked(now: number): void {
    this.#usedAt = now;
  }

  /** A call ended there; tells whether its answer ended a `down`. */
  heard(isAnswered: boolean, now: number): boolean {
    this.#usedAt = now;
    if (!isAnswered) return false;
    const wasDown = this.#state === 'down';
    this.#answeredAt = now;
    this.#state = 'up';
    this.#streak = 0;
    return wasDown;
  }

  /** Whether its probes take a key: it has refused one. */
  get looksAtKeys(): boolean {
    return this.#looksAtKeys;
  }

  /** A probe was refused for its key. */
  refusedProbe(): void {
    this.#looksAtKeys = true;
  }

  /** A probe that began at `startedAt` has ended; answers with the state when that is another one now. */
  probed(verdict: ProbeVerdict, startedAt: number, now: number): 'up' | 'down' | undefined {
    if (verdict === 'good') {
      this.#probedAt = now;
      return this.#good();
    }
    // What was answered meanwhile is the better witness.
    if (verdict !== 'bad' || this.hasAnsweredSince(startedAt)) return undefined;
    this.#probedAt = now;
    return this.#bad();
  }

  #good(): 'up' | undefined {
    if (this.#state !== 'down') {
      this.#state = 'up';
      this.#streak = 0;
      return undefined;
    }
    this.#streak += 1;
    return this.#streak >= this.terms.rise ? this.#become('up') : undefined;
  }

  #bad(): 'down' | undefined {
    if (this.#state === 'down') {
      this.#streak = 0;
      return undefined;
    }
    this.#streak += 1;
    return this.#streak >= this.terms.fall ? this.#become('down') : undefined;
  }

  #become<State extends 'up' | 'down'>(state: State): State {
    this.#state = state;
    this.#streak = 0;
    return state;
  }
}
