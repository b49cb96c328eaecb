import type { AlertMessage, AlertSummary } from './sink.js';
import { messageOf } from './wording.js';

/** Alerts that are to be told together. */
export class SummingUp {
  #alerts = 0;
  #firing = 0;
  #resolved = 0;
  #byRule = new Map<string, number>();
  #only: AlertMessage['alert'];
  #latest = '';

  get isEmpty(): boolean {
    return this.#alerts === 0;
  }

  /** Takes in a message that is not told by itself, be it a sum of others. */
  add({ alert, summary, text }: AlertMessage): void {
    this.#only = this.#alerts === 0 ? alert : undefined;
    this.#latest = summary?.latest ?? text;
    this.#alerts += summary?.alerts ?? 1;
    this.#firing += summary?.firing ?? (alert?.state === 'firing' ? 1 : 0);
    this.#resolved += summary?.resolved ?? (alert?.state === 'resolved' ? 1 : 0);
    const byRule = summary ? Object.entries(summary.byRule) : [[alert?.rule ?? '', 1] as const];
    for (const [rule, count] of byRule) this.#byRule.set(rule, (this.#byRule.get(rule) ?? 0) + count);
  }

  /** The message that stands for all of them; it begins anew. Of a single alert that is the alert itself. */
  take(): AlertMessage {
    const summary: AlertSummary = {
      alerts: this.#alerts,
      firing: this.#firing,
      resolved: this.#resolved,
      byRule: Object.fromEntries(this.#byRule),
      latest: this.#latest,
    };
    const message = this.#only ? messageOf({ alert: this.#only }) : messageOf({ summary });
    this.#alerts = this.#firing = this.#resolved = 0;
    this.#byRule = new Map();
    this.#only = undefined;
    return message;
  }
}
