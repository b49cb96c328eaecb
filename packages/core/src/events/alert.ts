/** How much an alert matters: `critical` for what callers notice, `warning` for what they will if nobody looks. */
export type AlertSeverity = 'info' | 'warning' | 'critical';

/** What an alert tells. It never holds a prompt, an answer or a key. */
export interface AlertStamp {
  /** The same when it fires and when it is resolved; not met in another process. */
  readonly incident: string;
  /** The rule, by its name among the options of `router.alerts`, or that of a rule of your own. */
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly state: 'firing' | 'resolved';
  /** What is wrong, or was, in words for people. */
  readonly text: string;
  /** When it fired, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** `endpoint/model`, where it is about one target; `endpoint/*` for the connections to an endpoint. */
  readonly target?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly model?: string | undefined;
  /** The name of the key that it is about, `key#2`, and never the key. */
  readonly key?: string | undefined;
}
