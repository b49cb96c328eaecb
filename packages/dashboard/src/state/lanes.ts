import type { RouterEvents } from 'breakwater';
import { KEPT_SECONDS } from './series.js';
import type { Span } from './state.js';

const MOST_LANES = 100;
/** A breaker that flaps all the time keeps its last spans. */
const MOST_SPANS = 200;

type BreakerEvent = RouterEvents['breaker.closed'];
/** A rest is of the target and not of its breaker. */
const isRest = ({ what }: Span): boolean => what === 'cooling' || what === 'quarantined';

type Writable = { -readonly [Key in keyof Span]: Span[Key] };

/** What breakers did and how long targets rested: a lane for each target, and one for the connections of an endpoint. */
export class Lanes {
  readonly #lanes = new Map<string, Writable[]>();

  /** A breaker has another state from now on. */
  moved(event: BreakerEvent): void {
    const { to, at } = event;
    const spans = this.#breaker(event, at, to === 'open' ? 'open' : to === 'half-open' ? 'probing' : undefined);
    const until = at + ('openForMs' in event && typeof event.openForMs === 'number' ? event.openForMs : Number.NaN);
    const last = spans?.at(-1);
    if (to !== 'open' || !last || !Number.isFinite(until)) return;
    // When its wait is over the next call tries it; that it is so is not told before somebody comes.
    last.to = until;
    this.#push(spans, { what: 'probing', from: until });
  }

  /** A breaker has another mode from now on. */
  modeChanged(event: RouterEvents['breaker.mode-changed']): void {
    const { mode, at } = event;
    this.#breaker(event, at, mode === 'forced-open' ? 'open' : mode === 'auto' ? undefined : 'observed');
  }

  /** A target rests for a while. */
  rests(target: string, what: 'cooling' | 'quarantined', { at, forMs }: { at: number; forMs: number }): void {
    const spans = this.#of(target);
    const last = spans?.findLast((span) => span.what === what);
    // A rest that is prolonged is one rest.
    if (last?.to !== undefined && last.to >= at) last.to = Math.max(last.to, at + forMs);
    else this.#push(spans, { what, from: at, to: at + forMs });
  }

  /** A quarantine is over before its time. */
  rested(target: string, at: number): void {
    for (const span of this.#lanes.get(target) ?? [])
      if (span.what === 'quarantined' && span.to !== undefined && span.to > at) span.to = at;
  }

  /** What is still within the kept time. */
  read(now: number): Record<string, readonly Span[]> {
    const since = now - KEPT_SECONDS * 1_000;
    for (const [name, spans] of this.#lanes) {
      const kept = spans.filter(({ to }) => to === undefined || to > since);
      if (kept.length > 0) this.#lanes.set(name, kept);
      else this.#lanes.delete(name);
    }
    return Object.fromEntries([...this.#lanes].map(([name, spans]) => [name, spans.map((span) => ({ ...span }))]));
  }

  #breaker({ scope, target, endpoint }: BreakerEvent, at: number, what: Span['what'] | undefined) {
    const name = scope === 'transport' ? `${endpoint} (connections)` : target;
    // A breaker that closes where none was seen open makes no lane.
    const spans = what ? this.#of(name) : this.#lanes.get(name);
    for (const span of spans ?? []) if (!isRest(span) && (span.to ?? at + 1) > at) span.to = at;
    // What was still to come does not come.
    const kept = spans?.findLastIndex((span) => span.from < (span.to ?? Number.POSITIVE_INFINITY)) ?? -1;
    spans?.splice(kept + 1);
    if (what) this.#push(spans, { what, from: at });
    return spans;
  }

  #push(spans: Writable[] | undefined, span: Writable): void {
    spans?.push(span);
    if (spans && spans.length > MOST_SPANS) spans.shift();
  }

  #of(name: string): Writable[] | undefined {
    const known = this.#lanes.get(name);
    if (known || this.#lanes.size >= MOST_LANES) return known;
    const spans: Writable[] = [];
    this.#lanes.set(name, spans);
    return spans;
  }
}
