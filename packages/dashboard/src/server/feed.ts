import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Differ } from '../state/delta.js';
import type { History } from '../state/history.js';
import { pictureOf } from '../state/picture.js';
import type { WatchedClient } from '../watched.js';
import { Pace } from './pace.js';

const RECONNECT_AFTER_MS = 1_000;
/** Ten seconds of changes, or more, are kept for those who come back. */
const KEPT = 40;
const MOST_WATCHERS = 32;
/** Who reads so much slower than is written is sent away, and comes back to a new picture. */
const MOST_UNREAD_BYTES = 4_000_000;

/** What is fed from. */
export interface FeedParts {
  readonly client: WatchedClient;
  readonly history: History;
  readonly title: string;
  readonly allowControl: boolean;
}

/** Sends the picture and then its changes to everybody who watches, as server-sent events. While nobody does, nothing is computed. */
export class Feed {
  readonly #parts: FeedParts;
  /** The ids of another run mean nothing here; what happened while nobody watched was told to nobody, so that ends one. */
  #run = randomUUID();
  readonly #watchers = new Set<ServerResponse>();
  #kept: { readonly number: number; readonly text: string }[] = [];
  #number = 0;
  #pace: Pace | undefined;
  #differ: Differ | undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Sends events from now on; false when too many watch already. */
  watch(response: ServerResponse, lastEventId: string | undefined): boolean {
    if (this.#watchers.size >= MOST_WATCHERS) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#start();
    // Whatever changed up to now belongs to those who watch already, and is in the picture of the one who comes.
    this.#tick();
    response.write(`retry: ${RECONNECT_AFTER_MS}\n\n${this.#missed(lastEventId) ?? this.#picture()}`);
    this.#watchers.add(response);
    response.on('close', () => this.#leave(response));
    return true;
  }

  /** Sends everybody away. */
  close(): void {
    for (const watcher of this.#watchers) watcher.destroy();
    this.#watchers.clear();
    this.#stop();
  }

  /** Something happened that no event tells of. */
  touch(): void {
    this.#pace?.touch();
  }

  #start(): void {
    if (this.#pace) return;
    const { client, history } = this.#parts;
    this.#differ = new Differ(client, history);
    this.#differ.next();
    this.#pace = new Pace(client, () => this.#tick());
  }

  #stop(): void {
    this.#pace?.stop();
    this.#pace = undefined;
    this.#differ = undefined;
    this.#kept = [];
    this.#run = randomUUID();
  }

  #leave(watcher: ServerResponse): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#stop();
  }

  /** Tells what changed, or that nothing did; answers with how long that holds. */
  #tick(): number {
    const delta = this.#differ?.next();
    if (delta) {
      this.#number += 1;
      const text = this.#event('change', delta);
      this.#kept.push({ number: this.#number, text });
      if (this.#kept.length > KEPT) this.#kept.shift();
      this.#send(text);
    } else this.#send(this.#event('beat', { at: Date.now() }));
    return this.#differ?.holdsMs ?? Number.POSITIVE_INFINITY;
  }

  #send(text: string): void {
    for (const watcher of this.#watchers) {
      if (watcher.writableLength > MOST_UNREAD_BYTES) watcher.destroy();
      else watcher.write(text);
    }
  }

  /** What was missed since that id; undefined when that is no longer known, or was never told here. */
  #missed(lastEventId: string | undefined): string | undefined {
    const [run, number] = lastEventId?.split('.') ?? [];
    if (run !== this.#run || !/^\d+$/.test(number ?? '')) return undefined;
    const last = Number(number);
    if (last > this.#number || last < (this.#kept[0]?.number ?? this.#number + 1) - 1) return undefined;
    const missed = this.#kept.filter((one) => one.number > last).map(({ text }) => text);
    return missed.join('') || this.#event('beat', { at: Date.now() });
  }

  #picture(): string {
    const { client, history, title, allowControl } = this.#parts;
    return this.#event('picture', { ...pictureOf(client, history, title), allowControl });
  }

  #event(name: string, data: object): string {
    return `id: ${this.#run}.${this.#number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
