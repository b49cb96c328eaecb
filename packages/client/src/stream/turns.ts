/**
 * Whoever asks while somebody waits is answered behind them: a read whose bytes are held back goes on to the next ones, which must not have
 * been given to another meanwhile.
 */
export class Turns<Value> {
  #underWay: Promise<Value> | undefined;
  #isTaken = false;
  #line: Promise<Value> | undefined;

  /** Whether nobody waits. */
  get isFree(): boolean {
    return !this.#isTaken && this.#line === undefined;
  }

  /** Somebody waits from now on. */
  begin(reading: Promise<Value>): Promise<Value> {
    this.#isTaken = true;
    this.#underWay = reading;
    return reading;
  }

  /** What they waited for has come. */
  end(): void {
    this.#isTaken = false;
  }

  /** Takes a turn behind all who wait. */
  wait(take: () => Promise<Value>): Promise<Value> {
    const turn = (this.#line ?? this.#underWay ?? Promise.resolve()).then(take, take);
    this.#line = turn;
    const done = () => {
      if (this.#line === turn) this.#line = undefined;
    };
    turn.then(done, done);
    return turn;
  }
}
