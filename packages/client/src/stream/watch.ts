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
export interface Watch {
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
  readonly resource: Resource | undefined;
  readonly clock: Clock;
  onStalled(stall: Stall): void;
}

/** What watches a stream; undefined where it has nothing to keep to. */
export function watchOf({ floor, resource, clock, onStalled }: Watched): Watch | undefined {
  const { idleMs, minimumTokensPerSecond: least } = floor;
  const silence =
    idleMs === undefined
      ? undefined
      : new Silence(idleMs, clock, () =>
          onStalled({ reason: `it was silent for ${idleMs} ms (idleMs)`, silentMs: idleMs }),
        );
  if (least === undefined) return silence;
  const onTooSlow = (told: number) => {
    const tokensPerSecond = Math.round(told * 10) / 10;
    const reason = `it brought ${tokensPerSecond} tokens a second, and has to bring ${least} (minimumTokensPerSecond)`;
    onStalled({ reason, tokensPerSecond });
  };
  const pace = new Pace({ tokensPerSecond: least, resource, clock, onTooSlow });
  return silence ? both(silence, pace) : pace;
}

function both(first: Watch, second: Watch): Watch {
  return {
    waiting: () => {
      first.waiting();
      second.waiting();
    },
    heard: (chunk) => {
      first.heard(chunk);
      second.heard(chunk);
    },
    end: () => {
      first.end();
      second.end();
    },
  };
}
