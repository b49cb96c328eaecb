import type { EventHub } from '../events/hub.js';
import { hindranceOf } from '../flow/status.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Target } from '../targets/target.js';
import { BadTime, rememberedSince } from './bad-time.js';
import { putBounded } from './bounded.js';
import type { HeardEvent } from './rule.js';

/** So many targets that were in trouble are kept in mind; of the others there is nothing to remember. */
const MOST_TARGETS = 500;
/** Where nobody asks again, a failed attempt speaks against a target for so long, in milliseconds. */
const FAILING_MS = 60_000;

/** A target that was in trouble. Until when something lasts is in monotonic milliseconds. */
interface Record {
  /** Up to when its time has been counted. */
  countedTo: number;
  blockedUntil: number;
  failingUntil: number;
  readonly blocked: BadTime;
  readonly bad: BadTime;
}

/** What is known of a target's last hour. */
export interface Uptime {
  /** Milliseconds in which it might not be asked. */
  readonly downMs: number;
  /** The share of time in which it might be asked and its last attempt had not failed, 0 to 1. */
  readonly good: number;
}

/**
 * How much of the time targets were well. It goes by what seldom happens: by failures, and by what keeps calls away. That a target does
 * well again is told by its answers, which it hears only while one that may be asked has failed last: nothing is paid while all is well.
 */
export class Uptimes {
  readonly #hub: EventHub;
  readonly #registry: TargetRegistry;
  readonly #began: number;
  readonly #now: () => number;
  readonly #records = new Map<string, Record>();
  /** Those that may be asked and have failed last. */
  readonly #failing = new Set<Record>();
  #hearNoAnswers: (() => void) | undefined;

  constructor({ hub, registry, now }: { hub: EventHub; registry: TargetRegistry; now: () => number }) {
    this.#hub = hub;
    this.#registry = registry;
    this.#now = now;
    this.#began = now();
  }

  /** Since when it is counted, in monotonic milliseconds: an hour at the most. */
  since(now: number): number {
    return rememberedSince(this.#began, now);
  }

  heard({ name, event }: HeardEvent, now: number): void {
    if (name === 'attempt.failed') {
      // A request that cannot be made is nobody's fault at the other end, and an answer all the same that nobody gets there.
      if (VERDICTS[event.kind].breaker === 'failure' || event.kind === 'unsendable') this.#failed(event.target, now);
    } else if (name === 'cooldown.started') this.#look((target) => target.id === event.target, now);
    else if (name === 'health.down' || name === 'health.up' || name === 'health.probed')
      this.#look((target) => target.endpoint.id === event.endpoint, now);
    else if (name === 'quarantine.started' || name === 'quarantine.ended')
      this.#look((target) => event.scope === 'credential' || target.id === event.target, now);
    else if (name === 'breaker.opened' || name === 'breaker.closed' || name === 'breaker.mode-changed') {
      const isShared = event.scope === 'transport' || this.#registry.scope !== 'target';
      const { endpoint, model } = event;
      const isOfIt = (target: Target) => target.endpoint.id === endpoint || target.model === model;
      this.#look((target) => (isShared ? isOfIt(target) : target.id === event.target), now);
    }
  }

  /** How well a target was, in the last hour or since the beginning. */
  of(target: string, now: number): Uptime {
    const record = this.#records.get(target);
    const spanMs = now - this.since(now);
    if (!record || spanMs <= 0) return { downMs: 0, good: 1 };
    count(record, now);
    return { downMs: record.blocked.total(now), good: Math.max(0, 1 - record.bad.total(now) / spanMs) };
  }

  /** Hears no more. */
  close(): void {
    this.#failing.clear();
    this.#adjust();
  }

  #failed(id: string, now: number): void {
    const record = this.#of(id, now);
    count(record, now);
    record.failingUntil = now + FAILING_MS;
    this.#failing.add(record);
    this.#adjust();
  }

  /** Looks anew at what keeps calls away from some of the targets. */
  #look(isMeant: (target: Target) => boolean, now: number): void {
    for (const target of this.#registry.all()) {
      if (!isMeant(target)) continue;
      const hindrance = hindranceOf(this.#registry, target, now);
      const leftMs = hindrance && hindrance.reason !== 'limit' ? hindrance.leftMs : 0;
      if (leftMs === 0 && !this.#records.has(target.id)) continue;
      const record = this.#of(target.id, now);
      count(record, now);
      record.blockedUntil = now + leftMs;
      // Nobody asks there now: whoever does afterwards finds out anew.
      if (leftMs > 0 && this.#failing.delete(record)) record.failingUntil = now;
    }
    this.#adjust();
  }

  #answered(id: string, now: number): void {
    const record = this.#records.get(id);
    if (record && this.#failing.delete(record)) {
      count(record, now);
      record.failingUntil = now;
    }
    for (const one of this.#failing) if (one.failingUntil <= now) this.#failing.delete(one);
    this.#adjust();
  }

  #adjust(): void {
    if (this.#failing.size > 0)
      this.#hearNoAnswers ??= this.#hub.on('attempt.succeeded', ({ target }) => this.#answered(target, this.#now()));
    else {
      this.#hearNoAnswers?.();
      this.#hearNoAnswers = undefined;
    }
  }

  #of(id: string, now: number): Record {
    const known = this.#records.get(id);
    if (known) return known;
    const record = { countedTo: now, blockedUntil: now, failingUntil: now, blocked: new BadTime(), bad: new BadTime() };
    const oldest = this.#records.size >= MOST_TARGETS ? this.#records.values().next().value : undefined;
    // Who is forgotten is not waited for.
    if (oldest) this.#failing.delete(oldest);
    putBounded(this.#records, MOST_TARGETS, [id, record]);
    return record;
  }
}

/** Counts what has passed since it was counted last, as far as it was bad. */
function count(record: Record, now: number): void {
  const { countedTo, blockedUntil, failingUntil } = record;
  if (now <= countedTo) return;
  record.blocked.add(countedTo, Math.min(now, blockedUntil));
  record.bad.add(countedTo, Math.min(now, Math.max(blockedUntil, failingUntil)));
  record.countedTo = now;
}
