import type { Random } from '../../../packages/core/src/base/random.ts';
import { Bucket, type Fault, faultAt } from './faults.ts';
import type { Timeline } from './timeline.ts';

/** How a region is built. */
export interface RegionPlan {
  /** How many requests it works on at the same time; the others wait their turn. */
  readonly slots: number;
  /** Work takes its time divided by this. */
  readonly speed: number;
  /** Requests per second that it lets in. @default as many as come */
  readonly perSecond?: number | undefined;
  readonly faults: readonly Fault[];
}

/** What a region answers. */
export type Reply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'error' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/** A request at a region. */
export interface Visit {
  readonly workMs: number;
  /** How much of the work is done when the first token leaves; 1 for an answer in one piece. */
  readonly firstTokenShare: number;
  /** The answer leaves, or its first token. */
  onReply(reply: Reply): void;
  /** The last token leaves; also right after the reply where there is nothing to follow. */
  onEnd(): void;
}

/** A refusal is made this fast, in milliseconds. */
const REFUSAL_MS = 5;

/** So many who have left the line are kept at its front before they are cut off. */
const LONGEST_TAIL = 1_000;

const OK: Reply = { kind: 'ok' };
const ERROR: Reply = { kind: 'error' };

/** A visit inside, where its place and its timers are known. */
interface Stay {
  readonly visit: Visit;
  state: 'waiting' | 'working' | 'over';
  /** When its work will be done. */
  doneAt: number;
  timers: unknown[];
}

/** What a client holds of its request at a region: it can take it back, and then its place is free at once. */
export interface Taken {
  leave(): void;
}

/** A region: a number of slots, behind one line in the order of arrival, with faults by script. */
export class Region {
  readonly plan: RegionPlan;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #bucket: Bucket | undefined;
  #line: Stay[] = [];
  #head = 0;
  #waiting = 0;
  #waitingWorkMs = 0;
  #working = 0;
  /** The sum of when all work under way will be done, from which the mean of what is left follows without a look at each. */
  #sumDoneAt = 0;

  constructor(plan: RegionPlan, timeline: Timeline, random: Random) {
    this.plan = plan;
    this.#timeline = timeline;
    this.#random = random;
    this.#bucket = plan.perSecond === undefined ? undefined : new Bucket(plan.perSecond);
  }

  /** Requests being worked on. */
  get working(): number {
    return this.#working;
  }

  /** Requests that wait for a slot. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A request has arrived. */
  accept(visit: Visit): Taken {
    const stay: Stay = { visit, state: 'waiting', doneAt: 0, timers: [] };
    const now = this.#timeline.now();
    const fault = faultAt(this.plan.faults, now);
    const retryAfterMs = this.#bucket?.take(now) ?? 0;
    if (fault?.kind === 'hole') stay.state = 'over';
    else if (fault?.kind === 'errors' && this.#random() < fault.share) this.#refuse(stay, ERROR);
    else if (retryAfterMs > 0) this.#refuse(stay, { kind: 'limited', retryAfterMs });
    else if (this.#working < this.plan.slots) this.#work(stay);
    else this.#queue(stay);
    return { leave: () => this.#leave(stay) };
  }

  /** A question after its health, which needs no slot and says nothing of the model: only a black hole swallows it. */
  probe(onReply: () => void): void {
    if (faultAt(this.plan.faults, this.#timeline.now())?.kind !== 'hole') this.#timeline.later(onReply, REFUSAL_MS);
  }

  /** Whether a request would be worked on if it arrived now. Only an oracle may ask. */
  isWell(): boolean {
    const now = this.#timeline.now();
    const kind = faultAt(this.plan.faults, now)?.kind;
    return kind !== 'hole' && kind !== 'errors' && (this.#bucket?.hasRoom(now) ?? true);
  }

  /** Milliseconds until a request that arrived now would be done: close to the truth, without a look at each request in the line. */
  finishMs(workMs: number): number {
    const now = this.#timeline.now();
    const { slots } = this.plan;
    if (this.#working < slots) return this.#serviceMs(workMs);
    const leftMs = this.#sumDoneAt / slots - now;
    return (this.#serviceMs(this.#waitingWorkMs) + leftMs) / slots + this.#serviceMs(workMs);
  }

  #serviceMs(workMs: number): number {
    const fault = faultAt(this.plan.faults, this.#timeline.now());
    return (workMs * (fault?.kind === 'slow' ? fault.factor : 1)) / this.plan.speed;
  }

  #refuse(stay: Stay, reply: Reply): void {
    stay.state = 'over';
    stay.timers.push(this.#timeline.later(() => this.#answer(stay, reply), REFUSAL_MS));
  }

  #answer({ visit }: Stay, reply: Reply): void {
    visit.onReply(reply);
    visit.onEnd();
  }

  #queue(stay: Stay): void {
    this.#line.push(stay);
    this.#waiting += 1;
    this.#waitingWorkMs += stay.visit.workMs;
  }

  #work(stay: Stay): void {
    const { visit } = stay;
    const serviceMs = this.#serviceMs(visit.workMs);
    stay.state = 'working';
    stay.doneAt = this.#timeline.now() + serviceMs;
    this.#working += 1;
    this.#sumDoneAt += stay.doneAt;
    if (visit.firstTokenShare < 1)
      stay.timers.push(this.#timeline.later(() => visit.onReply(OK), serviceMs * visit.firstTokenShare));
    stay.timers.push(this.#timeline.later(() => this.#done(stay), serviceMs));
  }

  #done(stay: Stay): void {
    this.#free(stay);
    if (stay.visit.firstTokenShare < 1) stay.visit.onEnd();
    else this.#answer(stay, OK);
  }

  #free(stay: Stay): void {
    stay.state = 'over';
    this.#working -= 1;
    this.#sumDoneAt -= stay.doneAt;
    const next = this.#next();
    if (next) this.#work(next);
  }

  /** The first in the line who has not gone away meanwhile. */
  #next(): Stay | undefined {
    while (this.#head < this.#line.length) {
      const stay = this.#line[this.#head] as Stay;
      this.#head += 1;
      if (this.#head > LONGEST_TAIL) this.#cutTail();
      if (stay.state !== 'waiting') continue;
      this.#unqueue(stay);
      return stay;
    }
    if (this.#head > 0) this.#cutTail();
    return undefined;
  }

  /** In an overload the line is never empty, and would hold everybody who ever stood in it. */
  #cutTail(): void {
    this.#line = this.#line.slice(this.#head);
    this.#head = 0;
  }

  #unqueue(stay: Stay): void {
    this.#waiting -= 1;
    this.#waitingWorkMs -= stay.visit.workMs;
  }

  #leave(stay: Stay): void {
    for (const timer of stay.timers) this.#timeline.clearTimeout(timer);
    const { state } = stay;
    stay.state = 'over';
    if (state === 'waiting') this.#unqueue(stay);
    else if (state === 'working') this.#free(stay);
  }
}
