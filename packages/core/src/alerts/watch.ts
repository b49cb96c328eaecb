import type { EventName } from '../events/events.js';
import type { Engine } from '../flow/engine.js';
import { AllDown } from './all-down.js';
import { BudgetGone } from './budget.js';
import { ErrorRate } from './error-rate.js';
import { FirstToken } from './first-token.js';
import { Incidents } from './incidents.js';
import { Journal } from './journal.js';
import type { Moment } from './moment.js';
import { OpeningLog } from './opening-log.js';
import { Openings } from './openings.js';
import type { ResolvedAlerts } from './options.js';
import { judgedBy } from './own.js';
import { Quota } from './quota.js';
import type { Report } from './report.js';
import type { HeardEvent, Rule } from './rule.js';
import { UnmadeRequests } from './unmade.js';
import { Uptimes } from './uptime.js';
import { reportOf } from './write-report.js';

/** What is always heard: none of it happens in a call that goes well. */
const NOTABLE = [
  'failover',
  'request.failed',
  'attempt.failed',
  'breaker.opened',
  'breaker.half-opened',
  'breaker.closed',
  'breaker.mode-changed',
  'cooldown.started',
  'quarantine.started',
  'quarantine.ended',
  'health.down',
  'health.up',
  'health.probed',
  'budget.exceeded',
  'budget.exhausted',
  'stream.rescued',
  'lastresort.used',
] as const satisfies readonly EventName[];

/** What only time resolves is looked at so often, in milliseconds. */
const SETTLE_MS = 1_000;
const TOLD_EVENTS = 50;

/**
 * Watches over a client: a fold of its events, which emits `alert` and writes reports. It owns no timer. What happens in every call it
 * hears only while somebody hears alerts, and only if a rule needs it, or something is wrong that an answer may show to be over.
 */
export class Watch {
  readonly #engine: Engine;
  readonly #incidents: Incidents;
  readonly #uptimes: Uptimes;
  readonly #unmade: UnmadeRequests;
  readonly #journal = new Journal();
  readonly #openings = new OpeningLog();
  readonly #rules: readonly Rule[];
  readonly #errorRate: ErrorRate | undefined;
  readonly #firstToken: FirstToken | undefined;
  readonly #undo: (() => void)[] = [];
  readonly #undoByName = new Map<EventName, () => void>();
  #isHeard = false;
  #settledAt = Number.NEGATIVE_INFINITY;

  constructor(engine: Engine, options: ResolvedAlerts) {
    const { hub, clock, registry, random } = engine;
    this.#engine = engine;
    this.#uptimes = new Uptimes({ hub, registry, now: () => clock.now() });
    this.#unmade = new UnmadeRequests({ hub, now: () => clock.now() });
    this.#incidents = new Incidents({ hub, random }, ({ state, text }, moment) => {
      this.#journal.note('alert', `${state}: ${text}`, moment);
      this.#adjust();
    });
    const parts = { incidents: this.#incidents, registry };
    this.#errorRate = options.errorRate && new ErrorRate(options.errorRate, parts);
    this.#firstToken = options.firstToken && new FirstToken(options.firstToken, parts);
    const rules: readonly (Rule | undefined)[] = [
      options.openings && new Openings(options.openings, parts),
      options.allDown && new AllDown(options.allDown, { ...parts, unmade: this.#unmade }),
      options.quota && new Quota(options.quota, parts),
      options.budget && new BudgetGone(options.budget, parts),
      this.#errorRate,
      this.#firstToken,
    ];
    this.#rules = rules.filter((rule) => rule !== undefined);
    for (const name of NOTABLE) this.#undo.push(hub.on(name, (event) => this.#heard({ name, event } as HeardEvent)));
    for (const rule of options.rules)
      for (const name of new Set(rule.on))
        this.#undo.push(hub.on(name, (event) => judgedBy(rule, { name, event } as HeardEvent, this.#moment(), parts)));
    hub.whenHeard('alert', (isHeard) => {
      this.#isHeard = isHeard;
      this.#adjust();
    });
  }

  /** How the client is now: its score, what is wrong, what happened lately. */
  report(): Report {
    const moment = this.#moment();
    this.#settle(moment, 0);
    return reportOf({
      engine: this.#engine,
      windowMs: moment.now - this.#uptimes.since(moment.now),
      moment,
      uptimeOf: (target) => this.#uptimes.of(target, moment.now),
      openings: this.#openings,
      incidents: this.#incidents,
      recent: this.#journal.latest(TOLD_EVENTS),
      unmade: this.#unmade.sentences(),
    });
  }

  /** Hears no more: reports tell what was known until then. */
  close(): void {
    this.#isHeard = false;
    this.#adjust();
    this.#engine.hub.whenHeard('alert', () => {});
    this.#uptimes.close();
    this.#unmade.close();
    for (const undo of this.#undo.splice(0)) undo();
  }

  #heard(heard: HeardEvent): void {
    const moment = this.#moment();
    this.#uptimes.heard(heard, moment.now);
    this.#unmade.heard(heard);
    this.#journal.heard(heard);
    if (heard.name === 'breaker.opened') this.#openings.add(heard.event);
    for (const rule of this.#rules) rule.heard?.(heard, moment);
    this.#settle(moment);
  }

  /** Looks whether what is wrong is over, not too often unless somebody asks. */
  #settle(moment: Moment, everyMs = SETTLE_MS): void {
    if (this.#incidents.size === 0 || moment.now - this.#settledAt < everyMs) return;
    this.#settledAt = moment.now;
    for (const rule of this.#rules) rule.settle?.(moment);
  }

  /** Hears what happens in every call, or no more, as it is needed now. */
  #adjust(): void {
    const { hub } = this.#engine;
    const needsAnswers = this.#errorRate !== undefined || this.#incidents.size > 0;
    this.#hear(this.#isHeard && needsAnswers, 'request.succeeded', () =>
      hub.on('request.succeeded', ({ target }) => {
        const moment = this.#moment();
        this.#errorRate?.succeeded(target, moment);
        this.#settle(moment);
      }),
    );
    this.#hear(this.#isHeard && this.#errorRate !== undefined, 'stream.ended', () =>
      hub.on('stream.ended', ({ kind }) => this.#errorRate?.ended(kind, this.#moment())),
    );
    this.#errorRate?.hearAnswers(this.#isHeard);
    this.#hear(this.#isHeard && this.#firstToken !== undefined, 'stream.committed', () =>
      hub.on('stream.committed', (event) => this.#firstToken?.committed(event, this.#moment())),
    );
  }

  #hear(isNeeded: boolean, name: EventName, begin: () => () => void): void {
    const undo = this.#undoByName.get(name);
    if (isNeeded && !undo) this.#undoByName.set(name, begin());
    else if (!isNeeded && undo) {
      this.#undoByName.delete(name);
      undo();
    }
  }

  #moment(): Moment {
    const { clock } = this.#engine;
    return { now: clock.now(), at: clock.wall() };
  }
}
