/** When something is looked at: by the clock that measures, and by that of people. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}
