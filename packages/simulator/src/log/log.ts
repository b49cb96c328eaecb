import { liesUnder } from '../faults/switchboard.js';

/** One request as the simulator saw it; it fills up while the request is served. */
export interface LogEntry {
  /** Counts from 1 over all regions. */
  readonly number: number;
  /** Milliseconds from the simulator's start to the request's arrival. */
  readonly at: number;
  readonly region: string;
  readonly method: string;
  /** As it was asked for, without the query: `/v1/chat/completions`. */
  readonly path: string;
  /** The query with its question mark, or nothing. */
  readonly query: string;
  model?: string;
  streamed: boolean;
  /** Lower-cased names. The credentials are in it, as sent: mind where you print it. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON, the text if it is none, or of an upload its fields, with files summed up. */
  body?: unknown;
  /** Missing if no status was sent. */
  status?: number;
  /** The kind of the fault that struck. */
  fault?: string;
  /** `faulted` if a fault decided how it ended; a silent request is `open` until the client leaves. */
  ending: 'answered' | 'faulted' | 'client-left' | 'open';
  durationMs?: number;
}

/** Which entries are meant; what is left out does not matter. */
export interface LogFilter {
  readonly region?: string;
  readonly model?: string;
  /** With or without `/v1`; a path covers what lies below it. */
  readonly path?: string;
}

/** The last requests, oldest first; older ones than the size allows are forgotten. */
export class RequestLog {
  /** The entries themselves: the array stays the same object, so it may be kept and looked at later. */
  readonly entries: LogEntry[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** Adds an entry. */
  add(entry: LogEntry): void {
    this.entries.push(entry);
    if (this.entries.length > this.#size) this.entries.shift();
  }

  /** The entries a filter means. */
  find({ region, model, path }: LogFilter): LogEntry[] {
    return this.entries.filter(
      (entry) =>
        (region === undefined || entry.region === region) &&
        (model === undefined || entry.model === model) &&
        (path === undefined || liesUnder(entry.path, path)),
    );
  }

  /** Forgets all entries; their numbers are not given out again. */
  clear(): void {
    this.entries.length = 0;
  }
}
