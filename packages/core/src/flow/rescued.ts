/** How a stream that broke off goes on, for its event. */
export interface Rescued {
  readonly from: string;
  readonly to: string;
  readonly how: 'continue' | 'restart';
  /** How the one who goes on was asked to. */
  readonly form: 'prefill' | 'instruction' | 'prompt' | 'anew';
  /** Milliseconds from the break to the first content of the other. */
  readonly afterMs: number;
}
