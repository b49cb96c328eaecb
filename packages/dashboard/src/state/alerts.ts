import type { AlertView } from './state.js';

const MOST_ALERTS = 20;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Alerts by what they are about, as far as events tell of any: whoever raises them says in `rule`, `target` and `message` what is wrong,
 * and with `resolved` or a `resolution` that it is over.
 */
export class Alerts {
  readonly #alerts = new Map<string, AlertView>();

  /** An alert was raised, or is over. */
  told(event: Readonly<Record<string, unknown>>): void {
    const { at, rule, target, endpoint, model, message, resolved, state, status } = event;
    const about = [target, endpoint, model].map(textOf).find((name) => name !== undefined);
    const title = [textOf(rule)?.replaceAll('-', ' ') ?? 'alert', about].filter(Boolean).join(': ');
    const isOver = resolved === true || state === 'resolved' || status === 'resolved';
    const key = textOf(event.id) ?? title;
    const before = this.#alerts.get(key);
    // The newest is the last.
    this.#alerts.delete(key);
    const since = isOver ? before?.at : undefined;
    this.#alerts.set(key, {
      at: since ?? (typeof at === 'number' ? at : 0),
      title,
      detail: textOf(message) ?? before?.detail ?? '',
      isOver,
    });
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
