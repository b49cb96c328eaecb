import type { Entry } from './state.js';

/** So many notable events are kept. */
const MOST_ENTRIES = 200;
/** The same again within this time is counted and not told anew. */
const SAME_WITHIN_MS = 5_000;
/** So far back the same is looked for: in a storm a few different things alternate. */
const LOOK_BACK = 8;

/** What is handed in; the rest is the log's own. */
export type Note = Omit<Entry, 'id' | 'seq' | 'count'>;

/** The last notable events. What repeats itself within seconds is one entry with a count, so that a storm does not wash the rest away. */
export class EventLog {
  #entries: Entry[] = [];
  #lastId = 0;
  #lastSeq = 0;

  /** The number of the last change. */
  get seq(): number {
    return this.#lastSeq;
  }

  /** Adds one, or counts it where it is the same as a moment ago. */
  add(note: Note): void {
    this.#lastSeq += 1;
    const index = this.#indexOfSame(note);
    const same = this.#entries[index];
    if (same) {
      this.#entries.splice(index, 1, { ...same, detail: note.detail, seq: this.#lastSeq, count: same.count + 1 });
      return;
    }
    this.#lastId += 1;
    this.#entries.push({ ...note, id: this.#lastId, seq: this.#lastSeq, count: 1 });
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
  }

  /** Those that are new or have changed since that number; all without one. */
  read(afterSeq = 0): Entry[] {
    return this.#entries.filter(({ seq }) => seq > afterSeq);
  }

  #indexOfSame({ name, title, at }: Note): number {
    const { length } = this.#entries;
    for (let index = length - 1; index >= Math.max(0, length - LOOK_BACK); index -= 1) {
      const one = this.#entries[index];
      if (one && one.name === name && one.title === title && at - one.at <= SAME_WITHIN_MS) return index;
    }
    return -1;
  }
}
