import type { EventName } from 'breakwater';
import type { WatchedClient } from '../watched.js';

/** Four times a second: as often as a person can read. */
const EVERY_MS = 250;
/** What only time changes, such as a limit that fills up again, is looked at as often as a sign of life is due. */
const QUIET_MS = 5_000;

/** Whether something on the page is another after an event. Nobody listens to `listener.failed`: heard by us, it would be told to nobody. */
const CHANGES: Readonly<Record<EventName, boolean>> = {
  'request.started': true,
  'request.succeeded': true,
  'request.failed': true,
  'attempt.started': true,
  'attempt.succeeded': true,
  'attempt.failed': true,
  'attempt.abandoned': true,
  failover: true,
  retry: true,
  'target.skipped': false,
  'breaker.opened': true,
  'breaker.half-opened': true,
  'breaker.closed': true,
  'breaker.would-open': true,
  'breaker.mode-changed': true,
  'breaker.rejected': false,
  'cooldown.started': true,
  'cooldown.ended': true,
  'quarantine.started': true,
  'quarantine.ended': true,
  'health.down': true,
  'health.up': true,
  'health.probed': true,
  'limit.waiting': false,
  'limit.rejected': true,
  'limit.learned': true,
  'budget.exhausted': true,
  'budget.exceeded': true,
  'panic.entered': false,
  'panic.left': false,
  'stream.committed': true,
  'stream.broken': true,
  'stream.malformed': true,
  'stream.ended': true,
  'stream.stalled': true,
  'stream.rescued': true,
  'stream.restarted': true,
  'hedge.sent': false,
  'hedge.won': false,
  'hedge.lost': false,
  'hedge.denied': false,
  'lastresort.used': true,
  alert: true,
  'listener.failed': false,
};

/**
 * Says when to look at a client again: at most four times a second after something happened there, else when a rest is over, and every
 * five seconds. A client with nothing to do costs a look in five seconds.
 */
export class Pace {
  readonly #undos: (() => void)[];
  readonly #look: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isTouched = false;

  /** `look` answers with the milliseconds until something is another by itself; infinite where it knows of nothing. */
  constructor(client: WatchedClient, look: () => number) {
    this.#look = look;
    const touched = () => this.touch();
    const names = (Object.keys(CHANGES) as EventName[]).filter((name) => CHANGES[name]);
    this.#undos = names.map((name) => client.on(name, touched));
    this.#arm(EVERY_MS);
  }

  /** Something happened: soon there is another look. Costs a comparison where one is already to come. */
  touch(): void {
    if (this.#isTouched) return;
    this.#isTouched = true;
    this.#arm(EVERY_MS);
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const undo of this.#undos.splice(0)) undo();
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isTouched = false;
      this.#arm(Math.min(Math.max(this.#look(), EVERY_MS), QUIET_MS));
    }, ms);
    this.#timer.unref();
  }
}
