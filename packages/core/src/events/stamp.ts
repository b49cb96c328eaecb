/** What every event carries. */
export interface EventStamp {
  /** The call it belongs to; the same in all its events. Absent for what no single call did. */
  readonly requestId?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A target as events name it. */
export interface TargetStamp {
  /** `endpoint/model`. */
  readonly target: string;
  readonly endpoint: string;
  readonly region?: string | undefined;
  readonly model: string;
}

/** An attempt as events name it. */
export interface AttemptStamp extends EventStamp, TargetStamp {
  /** Counts from 1 within the call. */
  readonly attempt: number;
}
