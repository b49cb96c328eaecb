import { Cooldown } from '../limits/cooldown.js';
import { Quarantine } from '../limits/quarantine.js';

/** One of several keys of an endpoint; core knows its name alone. */
export interface EndpointKey {
  /** Names it, so that a quarantine ends when it is changed. Never the key. */
  name(): string;
}

/** One of several keys at one target: what rests for it alone. */
export class TargetKey {
  readonly key: EndpointKey;
  readonly cooldown = new Cooldown();
  /** For a model that is not known to this key: of two accounts one may have been given it. */
  readonly quarantine = new Quarantine();
  /** When it was last chosen: counts up with every choice at its target. */
  turn = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(key: EndpointKey) {
    this.key = key;
  }

  get name(): string {
    return this.key.name();
  }

  /** Milliseconds for which it rests at its target; 0 when it may be used. */
  leftMs(now: number): number {
    return Math.max(this.cooldown.leftMs(now), this.quarantine.leftMs(now));
  }

  /** A call was answered with it. */
  answered(now: number): void {
    this.#answeredAt = now;
  }

  /** Whether a call was answered with it at this time or after. */
  hasAnsweredSince(then: number): boolean {
    return this.#answeredAt >= then;
  }
}

/** The keys of a target whose endpoint has several. All else (breakers, meter, health) is one for all of them. */
export class TargetKeys {
  readonly all: readonly TargetKey[];
  /** That which the endpoint uses where nothing is to be chosen. */
  readonly first: TargetKey;
  #turn = 0;

  /** Of two keys or more. */
  constructor(keys: readonly EndpointKey[]) {
    this.all = keys.map((key) => new TargetKey(key));
    this.first = this.all[0] as TargetKey;
  }

  /** A call goes out with one of them: among equals it is the last to be chosen again. */
  used(key: TargetKey): void {
    this.#turn += 1;
    key.turn = this.#turn;
  }
}

/** The keys of an endpoint at one of its targets; undefined where there is nothing to choose. */
export const keysOf = (keys: readonly EndpointKey[] | undefined): TargetKeys | undefined =>
  keys && keys.length > 1 ? new TargetKeys(keys) : undefined;
