import type { EventName, Listener, RouterEvents } from 'breakwater';
import type { WatchedClient } from '../watched.js';
import { Alerts } from './alerts.js';
import { Lanes } from './lanes.js';
import { EventLog } from './log.js';
import { TELLERS } from './notes.js';
import { Probes } from './probes.js';
import { SecondCounts } from './series.js';

const MOST_LIMITS = 200;

/** What a target's answers told of its limits, by dimension. */
export type KnownLimits = RouterEvents['limit.learned']['limits'];

/** The fold of events: what a client's router does not remember by itself. All of it is bounded. */
export class History {
  readonly since: number;
  readonly counts: SecondCounts;
  readonly lanes = new Lanes();
  readonly log = new EventLog();
  readonly alerts = new Alerts();
  readonly probes = new Probes();
  /** By target. */
  readonly limits = new Map<string, KnownLimits>();
  readonly #undos: (() => void)[] = [];

  constructor(client: WatchedClient, now: number) {
    this.since = now;
    this.counts = new SecondCounts(now);
    const on = <Name extends EventName>(name: Name, listener: Listener<Name>) => {
      this.#undos.push(client.on(name, listener));
    };
    this.#count(on);
    this.#mark(on);
    this.#tell(on);
    on('alert', (event) => this.alerts.told({ ...event }));
  }

  /** Listens no longer. */
  stop(): void {
    for (const undo of this.#undos.splice(0)) undo();
  }

  #count(on: On): void {
    on('attempt.started', ({ target, at }) => this.counts.asked(target, at));
    on('attempt.failed', ({ target, at }) => this.counts.failed(target, at));
    on('limit.learned', ({ target, limits }) => {
      if (this.limits.has(target) || this.limits.size < MOST_LIMITS) this.limits.set(target, limits);
    });
  }

  #mark(on: On): void {
    const { lanes } = this;
    for (const name of ['breaker.opened', 'breaker.half-opened', 'breaker.closed'] as const)
      on(name, (event) => lanes.moved(event));
    on('breaker.mode-changed', (event) => lanes.modeChanged(event));
    on('cooldown.started', (event) => lanes.rests(event.target, 'cooling', event));
    on('quarantine.started', (event) => lanes.rests(event.target, 'quarantined', event));
    on('quarantine.ended', ({ target, at }) => lanes.rested(target, at));
    on('health.probed', (event) => this.probes.probed(event));
    on('health.down', ({ endpoint }) => this.probes.moved(endpoint, true));
    on('health.up', ({ endpoint }) => this.probes.moved(endpoint, false));
  }

  #tell(on: On): void {
    for (const name of Object.keys(TELLERS) as EventName[]) {
      // A name and its teller belong together, which a loop over all of them cannot say.
      const teller = TELLERS[name] as ((event: { readonly at: number }) => Parameters<EventLog['add']>[0]) | undefined;
      if (teller) on(name, (event) => this.log.add({ ...teller(event), at: event.at, name }));
    }
  }
}

type On = <Name extends EventName>(name: Name, listener: Listener<Name>) => void;
