import type { Clock } from '@breakwater/core';
import type { Resource } from '../request/read.js';
import { Pace } from './pace.js';
import { Silence } from './silence.js';

/** What a stream has to keep to behind its first content, while somebody waits for it. */
export interface StreamFloor {
  /** Its longest silence, in milliseconds. @default any */
  readonly idleMs?: number | undefined;
  /** The fewest tokens a second. @default none */
  readonly minimumTokensPerSecond?: number | undefined;
}

/** Looks whether a stream comes. */
interface Watch {
  /** Somebody waits for the next chunk from now on. */
  waiting(): void;
  /** A chunk came. */
  heard(chunk: Uint8Array): void;
  /** Nobody listens any more. */
  end(): void;
}

/** A stream that does not come as it has to. */
export interface Stall {
  /** In words, for the error. */
  readonly reason: string;
  readonly silentMs?: number;
  readonly tokensPerSecond?: number;
}

/** A stream that is watched. */
export interface Watched {
  readonly floor: StreamFloor;
  /** What it has to keep to before its first content, where it was handed over without any. @default nothing */
  readonly floorBefore?: StreamFloor | undefined;
  readonly resource: Resource | undefined;
  readonly hasContent: boolean;
  readonly clock: Clock;
  onStalled(stall: Stall): void;
}

/** Watches a stream from its hand-over on. */
export class StreamWatch implements Watch {
  readonly #watched: Watched;
  #watches: readonly Watch[];

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#watches = watchesOf(watched, watched.hasContent ? watched.floor : watched.floorBefore);
  }

  waiting(): void {
    for (const watch of this.#watches) watch.waiting();
  }

  heard(chunk: Uint8Array): void {
    for (const watch of this.#watches) watch.heard(chunk);
  }

  /** From now on it has something to show, and more to keep to. */
  firstContent(): void {
    this.end();
    this.#watches = watchesOf(this.#watched, this.#watched.floor);
  }

  end(): void {
    for (const watch of this.#watches) watch.end();
  }
}

function watchesOf({ resource, clock, onStalled }: Watched, floor: StreamFloor = {}): readonly Watch[] {
  const { idleMs, minimumTokensPerSecond: least } = floor;
  const watches: Watch[] = [];
  if (idleMs !== undefined) {
    const reason = `it was silent for ${Math.round(idleMs)} ms (idleMs)`;
    watches.push(new Silence(idleMs, clock, () => onStalled({ reason, silentMs: idleMs })));
  }
  if (least !== undefined) {
    const onTooSlow = (told: number) => {
      const tokensPerSecond = Math.round(told * 10) / 10;
      const reason = `it brought ${tokensPerSecond} tokens a second, and has to bring ${least} (minimumTokensPerSecond)`;
      onStalled({ reason, tokensPerSecond });
    };
    watches.push(new Pace({ tokensPerSecond: least, resource, clock, onTooSlow }));
  }
  return watches;
}
