import type { Clock } from '../base/clock.js';
import type { EventHub } from '../events/hub.js';
import type { EventStamp, TargetStamp } from '../events/stamp.js';
import type { Cooldown } from '../limits/cooldown.js';
import type { FailureKind } from '../outcome/outcome.js';

/** A rest whose end is still to be told. */
export interface OpenRest {
  readonly target: TargetStamp;
  readonly kind: FailureKind;
  readonly status: number | undefined;
  /** The name of the key whose rest it is; undefined for that of the target. */
  readonly key: string | undefined;
  /** When it is over, by the engine's clock. */
  readonly until: number;
}

/** So many are remembered; of more of them the end of the oldest is not told. */
const MOST = 2_000;

/**
 * The rests that were told of and are not over yet. Nobody waits for their ends with a timer: the next call that is sent finds out, and so
 * does whoever asks for the status.
 */
export class Rests {
  readonly #open = new Map<Cooldown, OpenRest>();
  /** Before this instant none of them is over: that is all a call looks at. */
  #soonest = Number.POSITIVE_INFINITY;

  /** A rest began, or is longer now. */
  began(cooldown: Cooldown, rest: OpenRest): void {
    if (this.#open.size >= MOST && !this.#open.has(cooldown))
      this.#open.delete(this.#open.keys().next().value as Cooldown);
    this.#open.set(cooldown, rest);
    this.#soonest = Math.min(this.#soonest, rest.until);
  }

  /** Whether there may be one that is over. */
  mayBeOver(now: number): boolean {
    return now >= this.#soonest;
  }

  /** Those that are over, which are forgotten with that. */
  takeOver(now: number): readonly OpenRest[] {
    const over: OpenRest[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const [cooldown, rest] of this.#open) {
      if (rest.until > now) soonest = Math.min(soonest, rest.until);
      else {
        this.#open.delete(cooldown);
        over.push(rest);
      }
    }
    this.#soonest = soonest;
    return over;
  }
}

interface Audience {
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly untold: { readonly rests: Rests };
}

/** A rest that began, or became longer, after a failure. */
interface NewRest {
  readonly change: { readonly cooldown: Cooldown; readonly forMs: number; readonly key: string | undefined };
  readonly failure: { readonly kind: FailureKind; readonly status?: number | undefined };
  /** What its event has in common with others. */
  readonly common: EventStamp & TargetStamp;
}

/** Tells that a target, or one of its keys, rests. The rest before that may be over, and nobody has noticed. */
export function tellRest(audience: Audience, { change, failure, common }: NewRest): void {
  const { cooldown, forMs, key } = change;
  const { kind, status } = failure;
  const { target, endpoint, region, model } = common;
  const now = audience.clock.now();
  tellRestsOver(audience, now);
  const until = now + forMs;
  audience.untold.rests.began(cooldown, { target: { target, endpoint, region, model }, kind, status, key, until });
  audience.hub.emit('cooldown.started', { ...common, kind, status, forMs: Math.ceil(forMs), key });
}

/** Tells of the rests that are over, and for how long they have been: nobody has looked since then. */
export function tellRestsOver({ hub, clock, untold }: Audience, now: number): void {
  if (!untold.rests.mayBeOver(now)) return;
  for (const { target, kind, status, key, until } of untold.rests.takeOver(now)) {
    const stamp = { at: clock.wall(), ...target };
    hub.emit('cooldown.ended', { ...stamp, kind, status, key, overForMs: Math.floor(now - until) });
  }
}
