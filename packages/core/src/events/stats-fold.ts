import type { Histogram } from '../base/histogram.js';
import type { FailureKind } from '../outcome/outcome.js';
import { addTo, type Entry, Ledger } from '../spending/ledger.js';
import { addGroup, countKind, emptyGroup, type GroupStats, toldGroup } from './group-stats.js';
import { RequestCounts } from './request-stats.js';
import type { BreakerStats, ModelStats, Stats, TargetStats } from './stats.js';
import type { StreamEvent } from './stream-events.js';
import { spread, toldTimes } from './time-stats.js';

/** Counts are kept of so many targets, … */
const MOST_TARGETS = 2_000;
/** … and of so many where calls are under way at that many of them, … */
const MOST_TARGETS_AT_ALL = 4_000;
/** For one new target so many old ones are looked at, so that meeting it takes no longer the more there are. */
const LOOKS = 8;
/** … and of the calls for so many models, which callers may make up; the rest has one place among them. */
const MOST_MODELS = 1_000;
const OTHER = 'other';
const NO_MODEL = '*';

/** A target as the counts know it. */
export interface CountedTarget {
  readonly id: string;
  readonly endpoint: { readonly id: string };
  readonly model: string;
}

interface TargetCounts extends GroupStats {
  readonly endpoint: string;
  readonly model: string;
  readonly firstToken: Histogram;
  readonly total: Histogram;
}

/** How an attempt ended, for the counts. */
export interface AttemptEntry extends Entry {
  readonly kind: FailureKind | 'ok';
  readonly durationMs: number;
  /** When that was, by the engine's clock. */
  readonly now: number;
}

/**
 * Counts what is announced, with each announcement. It is told directly and not by an event, because it always hears everything, and an
 * event that nobody else hears is not made.
 */
export class StatsFold {
  readonly #requests = new RequestCounts();
  readonly #models = new Map<string, RequestCounts>();
  readonly #targets = new Map<string, TargetCounts>();
  /** What was counted at targets that were forgotten, by endpoint: sums must not shrink. */
  readonly #forgotten = new Map<string, GroupStats>();
  readonly #ledger = new Ledger();
  #current: string | undefined;

  requestStarted(model: string | undefined): void {
    this.#requests.started += 1;
    this.#for(model).started += 1;
  }

  /** A call for a model was answered. */
  requestSucceeded(model: string | undefined, { target, rerouted }: { target: string; rerouted: boolean }): void {
    const ofModel = this.#for(model);
    this.#requests.succeeded += 1;
    ofModel.succeeded += 1;
    this.#current = target;
    if (!rerouted) return;
    this.#requests.rerouted += 1;
    ofModel.rerouted += 1;
  }

  requestFailed(model: string | undefined, kind: FailureKind): void {
    this.#requests.failedWith(kind);
    this.#for(model).failedWith(kind);
  }

  attemptStarted(target: CountedTarget): void {
    const counts = this.#of(target);
    this.#used(target.id, counts);
    counts.attempts += 1;
    counts.inFlight += 1;
  }

  attemptEnded(target: CountedTarget, { kind, usage, costUSD, tags, durationMs, now }: AttemptEntry): void {
    const counts = this.#of(target);
    if (usage) {
      addTo(counts.spent, usage, costUSD);
      this.#ledger.add(usage, costUSD, tags);
    }
    counts.inFlight -= 1;
    if (kind === 'ok') {
      counts.succeeded += 1;
      counts.total.record(durationMs, now);
    } else if (kind === 'caller_abort') counts.abandoned += 1;
    else {
      counts.failed += 1;
      countKind(counts.failedBy, kind);
    }
  }

  /** What a stream has come to. */
  stream(
    name: StreamEvent,
    target: CountedTarget,
    what: { readonly now: number; readonly firstTokenMs?: number },
  ): void {
    const { streams, firstToken } = this.#of(target);
    if (name === 'stream.broken') streams.broken += 1;
    else if (name === 'stream.stalled') streams.stalled += 1;
    else if (name === 'stream.committed') {
      streams.committed += 1;
      firstToken.record(what.firstTokenMs ?? 0, what.now);
    }
  }

  /** The call went on: to the same target again, or to another one. */
  movedOn(from: CountedTarget, to: CountedTarget): void {
    if (from === to) {
      this.#of(to).retries += 1;
      return;
    }
    this.#of(from).failovers.from += 1;
    this.#of(to).failovers.to += 1;
  }

  /** A stream of the one went on from the other. */
  rescued(from: string, to: string): void {
    const [one, other] = [this.#targets.get(from), this.#targets.get(to)];
    if (one) one.streams.rescuedFrom += 1;
    if (other) other.streams.rescuedTo += 1;
  }

  lastResortUsed(model: string | undefined): void {
    this.#requests.lastResorts += 1;
    this.#for(model).lastResorts += 1;
  }

  #for(model = NO_MODEL): RequestCounts {
    const known = this.#models.get(model);
    if (known) return known;
    // One place is kept for the rest.
    if (model !== OTHER && this.#models.size >= MOST_MODELS - (this.#models.has(OTHER) ? 0 : 1))
      return this.#for(OTHER);
    const counts = new RequestCounts();
    this.#models.set(model, counts);
    return counts;
  }

  #of({ id, endpoint, model }: CountedTarget): TargetCounts {
    let counts = this.#targets.get(id);
    if (!counts) {
      if (this.#targets.size >= MOST_TARGETS) this.#makeRoom();
      counts = { ...emptyGroup(), endpoint: endpoint.id, model, firstToken: spread(), total: spread() };
      this.#targets.set(id, counts);
    }
    return counts;
  }

  /** Puts a target last in the order of forgetting; while nothing is about to be forgotten the order stays as it is. */
  #used(id: string, counts: TargetCounts): void {
    if (this.#targets.size < MOST_TARGETS / 2) return;
    this.#targets.delete(id);
    this.#targets.set(id, counts);
  }

  /**
   * Model names come from callers, who may make them up: targets without a call under way are forgotten, the longest unused first. Those
   * with one are put last in the order; where that is nearly all of them, the first is forgotten all the same.
   */
  #makeRoom(): void {
    let looks = 0;
    for (const [id, counts] of this.#targets) {
      if (this.#targets.size < MOST_TARGETS || looks === LOOKS) break;
      looks += 1;
      if (counts.inFlight > 0) this.#used(id, counts);
      else this.#forget(id, counts);
    }
    const [first] = this.#targets;
    if (first && this.#targets.size >= MOST_TARGETS_AT_ALL) this.#forget(...first);
  }

  #forget(id: string, counts: TargetCounts): void {
    addGroup(sumIn(this.#forgotten, counts.endpoint), counts);
    this.#targets.delete(id);
  }

  /** The counts as they are now, as a copy. Sums are made here, so that counting stays cheap. */
  read(now: number, breakerOf: (target: string) => BreakerStats | undefined = () => undefined): Stats {
    const requests = this.#requests.told();
    const all = emptyGroup();
    const endpoints = new Map<string, GroupStats>();
    const models = new Map<string, GroupStats>();
    const add = (counts: GroupStats, endpoint: string, model: string) => {
      for (const sum of [all, sumIn(endpoints, endpoint), sumIn(models, model)]) addGroup(sum, counts);
    };
    for (const counts of this.#targets.values()) add(counts, counts.endpoint, counts.model);
    for (const [endpoint, counts] of this.#forgotten) add(counts, endpoint, OTHER);
    return {
      requests,
      ...{ attempts: all.attempts, retries: all.retries, failovers: all.failovers.to },
      ...{ fallbackRate: requests.fallbackRate, lastResorts: requests.lastResorts, rescues: all.streams.rescuedTo },
      currentTarget: this.#current,
      allTargets: toldGroup(all),
      endpoints: Object.fromEntries([...endpoints].map(([id, sum]) => [id, toldGroup(sum)])),
      models: this.#toldModels(models),
      targets: Object.fromEntries([...this.#targets].map(([id, one]) => [id, toldTarget(one, now, breakerOf(id))])),
      spent: this.#ledger.all(),
      tags: this.#ledger.byTag(),
    };
  }

  #toldModels(sums: ReadonlyMap<string, GroupStats>): Record<string, ModelStats> {
    const names = new Set([...this.#models.keys(), ...sums.keys()]);
    const toldOf = (model: string): ModelStats => ({
      requests: (this.#models.get(model) ?? new RequestCounts()).told(),
      ...toldGroup(sums.get(model) ?? emptyGroup()),
    });
    return Object.fromEntries([...names].map((model) => [model, toldOf(model)]));
  }
}

function sumIn(sums: Map<string, GroupStats>, name: string): GroupStats {
  const sum = sums.get(name) ?? emptyGroup();
  sums.set(name, sum);
  return sum;
}

function toldTarget(counts: TargetCounts, now: number, breaker: BreakerStats | undefined): TargetStats {
  const { endpoint, model, firstToken, total } = counts;
  return {
    ...{ endpoint, model },
    ...toldGroup(counts),
    firstToken: toldTimes(firstToken, now),
    total: toldTimes(total, now),
    ...(breaker && { breaker }),
  };
}
