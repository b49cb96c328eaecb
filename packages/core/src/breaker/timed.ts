import type { TimeInStates } from './contract.js';
import { nameOf, reasonOf, type State } from './states.js';

/**
 * What is in one state after the other, and knows for how long it was in each. An open breaker whose wait is over is half-open from then
 * on, as its snapshot has it, though nobody may have asked.
 */
export class Timed {
  /** The state that it is in. Only {@link enter} changes it. */
  declare protected current: State;
  #closedMs = 0;
  #openMs = 0;
  #halfOpenMs = 0;

  /** Begins a state, which says itself since when. */
  protected enter(next: State): void {
    if (this.current) this.#spend(this.current, next.since);
    this.current = next;
  }

  get reason(): string | undefined {
    return reasonOf(this.current);
  }

  /** The time spent in each state up to now, the current one included. */
  timeIn(now: number): TimeInStates {
    const spent = spentIn(this.current, now);
    return {
      closed: this.#closedMs + spent.closed,
      open: this.#openMs + spent.open,
      halfOpen: this.#halfOpenMs + spent.halfOpen,
    };
  }

  #spend(state: State, now: number): void {
    const { closed, open, halfOpen } = spentIn(state, now);
    this.#closedMs += closed;
    this.#openMs += open;
    this.#halfOpenMs += halfOpen;
  }
}

function spentIn(state: State, now: number): TimeInStates {
  const overMs = state.state === 'open' ? Math.max(0, now - Math.max(state.until, state.since)) : 0;
  const ms = Math.max(0, now - state.since) - overMs;
  const name = nameOf(state);
  return {
    closed: name === 'closed' ? ms : 0,
    open: name === 'open' ? ms : 0,
    halfOpen: name === 'half-open' ? ms : overMs,
  };
}
