const SECTIONS = ['regions', 'targets', 'lanes', 'limits'];
const MOST_ENTRIES = 200;
const KEPT_SECONDS = 900;

/** What is shown: the picture as it came, with every change since. Maps, because names come from callers. */
export class Store {
  isEmpty = true;

  /** Takes a whole picture. */
  picture(state) {
    this.isEmpty = false;
    this.title = state.title;
    this.since = state.since;
    this.allowControl = state.allowControl === true;
    this.totals = state.totals;
    this.alerts = state.alerts;
    for (const section of SECTIONS) this[section] = new Map(Object.entries(state[section]));
    this.log = new Map(state.log.map((entry) => [entry.id, entry]));
    this.counts = new Map();
    const { end, seconds, targets } = state.series;
    for (const [id, { asked, failed }] of Object.entries(targets)) {
      for (let index = 0; index < seconds; index += 1) {
        if (asked[index] || failed[index]) this.#count(end - seconds + 1 + index, id, [asked[index], failed[index]]);
      }
    }
    this.#at(state.at);
  }

  /** Takes what changed. */
  change({ at, totals, alerts, parts = {}, series = [], log = [] }) {
    if (this.isEmpty) return;
    this.totals = totals ?? this.totals;
    this.alerts = alerts ?? this.alerts;
    for (const [section, changes] of Object.entries(parts)) {
      for (const [name, part] of Object.entries(changes)) {
        if (part === null) this[section].delete(name);
        else this[section].set(name, part);
      }
    }
    for (const [second, counts] of series)
      for (const [id, pair] of Object.entries(counts)) this.#count(second, id, pair);
    for (const entry of log) this.log.set(entry.id, entry);
    for (const id of this.log.keys()) if (this.log.size > MOST_ENTRIES) this.log.delete(id);
    this.#at(at);
  }

  /** The server's clock, by which everything is stamped. A recorded picture stands still. */
  now() {
    return this.isRecorded ? this.at : this.at + performance.now() - this.readAt;
  }

  /** Attempts of the last seconds, the oldest first and without the one that is not over: `part` 0 for all, 1 for failures. */
  counted(id, seconds, part) {
    const counts = this.counts.get(id);
    const end = Math.floor(this.now() / 1_000) - 1;
    return Array.from({ length: seconds }, (_, index) => counts?.get(end - seconds + 1 + index)?.[part] ?? 0);
  }

  #at(at) {
    this.at = at;
    this.readAt = performance.now();
  }

  #count(second, id, pair) {
    const counts = this.counts.get(id) ?? new Map();
    this.counts.set(id, counts);
    counts.set(second, pair);
    for (const old of counts.keys()) {
      if (old > second - KEPT_SECONDS) break;
      counts.delete(old);
    }
  }
}
