import type { AlertView } from './state.js';

const MOST_ALERTS = 20;

/** What an `alert` event tells, as far as it is shown here. Told in words of its own, because not every version raises alerts. */
export interface AlertTold {
  readonly at: number;
  /** The same when it fires and when it is resolved. */
  readonly incident?: string;
  readonly rule?: string;
  readonly state?: string;
  readonly text?: string;
  /** When it fired, in milliseconds since the Unix epoch. */
  readonly since?: number;
  readonly target?: string | undefined;
}

/** The last alerts, each once: raised, and then over. */
export class Alerts {
  readonly #alerts = new Map<string, AlertView>();

  /** An alert was raised, or is over. */
  told({ at, incident, rule = 'alert', state, text = '', since = at, target }: AlertTold): void {
    const title = target === undefined ? wordsOf(rule) : `${wordsOf(rule)}: ${target}`;
    this.#alerts.set(incident ?? title, { at: since, title, detail: text, isOver: state === 'resolved' });
    if (this.#alerts.size > MOST_ALERTS) this.#forgetOne();
  }

  /** The last ones, the newest last. */
  read(): AlertView[] {
    return [...this.#alerts.values()];
  }

  /** One that is over goes before one that is not. */
  #forgetOne(): void {
    const [oldest] = [...this.#alerts].sort(([, a], [, b]) => Number(b.isOver) - Number(a.isOver));
    if (oldest) this.#alerts.delete(oldest[0]);
  }
}

/** `errorRate` and `error-rate` as words. */
const wordsOf = (rule: string): string =>
  rule.replaceAll('-', ' ').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
