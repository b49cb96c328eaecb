import type { WatchedClient } from '../watched.js';
import type { History } from './history.js';
import { ROUNDED_MS, standingOf } from './picture.js';
import type { SecondChange } from './series.js';
import type { AlertView, DashboardState, Entry } from './state.js';

type Section = 'regions' | 'targets' | 'lanes' | 'limits';
const SECTIONS: readonly Section[] = ['regions', 'targets', 'lanes', 'limits'];

/** What changed since the last one: whole parts of the picture, by section and name; `null` for what is gone. */
export interface Delta extends Partial<Pick<DashboardState, 'totals'>> {
  readonly at: number;
  readonly series?: readonly SecondChange[];
  readonly log?: readonly Entry[];
  readonly alerts?: readonly AlertView[];
  readonly parts?: Partial<Record<Section, Readonly<Record<string, unknown>>>>;
}

/** Tells what changed since it was asked last. Costs nothing while it is not asked. */
export class Differ {
  readonly #client: WatchedClient;
  readonly #history: History;
  /** The text of each part as it was told last, by section and name. */
  readonly #told = new Map<string, Map<string, string>>();
  #totals = '';
  #alerts = '';
  #seq = 0;
  #holdsMs = Number.POSITIVE_INFINITY;

  constructor(client: WatchedClient, history: History) {
    this.#client = client;
    this.#history = history;
  }

  /** For how long what was told last is true if nothing happens, in milliseconds: until the first rest ends. Infinite where nobody rests. */
  get holdsMs(): number {
    return this.#holdsMs;
  }

  /** What changed; undefined when nothing did. */
  next(): Delta | undefined {
    const now = Date.now();
    const { totals, ...standing } = standingOf(this.#client, this.#history, now);
    this.#holdsMs = Math.min(
      ...Object.values(standing.targets).map(({ until = Number.POSITIVE_INFINITY }) => until + ROUNDED_MS - now),
    );
    const delta: { -readonly [Key in keyof Delta]: Delta[Key] } = { at: now };
    const totalsText = JSON.stringify(totals);
    if (totalsText !== this.#totals) delta.totals = totals;
    this.#totals = totalsText;
    const parts = this.#parts({ ...standing, lanes: this.#history.lanes.read(now) });
    if (Object.keys(parts).length > 0) delta.parts = parts;
    const series = this.#history.counts.changes(now);
    if (series.length > 0) delta.series = series;
    const log = this.#history.log.read(this.#seq);
    this.#seq = this.#history.log.seq;
    if (log.length > 0) delta.log = log;
    const alerts = this.#history.alerts.read();
    const alertsText = JSON.stringify(alerts);
    if (alertsText !== this.#alerts) delta.alerts = alerts;
    this.#alerts = alertsText;
    return Object.keys(delta).length > 1 ? delta : undefined;
  }

  #parts(now: Pick<DashboardState, Section>): NonNullable<Delta['parts']> {
    const parts: Partial<Record<Section, Record<string, unknown>>> = {};
    for (const section of SECTIONS) {
      const told = this.#told.get(section) ?? new Map<string, string>();
      this.#told.set(section, told);
      const changed = changesIn(now[section], told);
      if (changed.length > 0) parts[section] = Object.fromEntries(changed);
    }
    return parts;
  }
}

function changesIn(now: Readonly<Record<string, unknown>>, told: Map<string, string>): [string, unknown][] {
  const changed: [string, unknown][] = [];
  for (const [name, part] of Object.entries(now)) {
    const text = JSON.stringify(part);
    if (told.get(name) === text) continue;
    told.set(name, text);
    changed.push([name, part]);
  }
  for (const name of told.keys()) {
    if (Object.hasOwn(now, name)) continue;
    told.delete(name);
    changed.push([name, null]);
  }
  return changed;
}
