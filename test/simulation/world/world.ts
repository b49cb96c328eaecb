import { type Random, seededRandom } from '../../../packages/core/src/base/random.ts';
import { drawGapMs, drawLogNormal, type LogNormal } from './dice.ts';
import type { Span } from './faults.ts';
import { type Geography, nearestFirst } from './network.ts';
import { Region, type RegionPlan, type Reply, type Taken } from './region.ts';
import { Timeline } from './timeline.ts';

/** What a world is made from. */
export interface WorldPlan {
  readonly regions: readonly RegionPlan[];
  /** Where clients are; they are spread over them by turns. */
  readonly geographies: readonly Geography[];
  /** Calls per second, of all clients together. */
  readonly perSecond: number;
  /** More of them for a while. @default never */
  readonly surge?: (Span & { readonly perSecond: number }) | undefined;
  /** How many processes there are, none of which knows of the others. */
  readonly clients: number;
  readonly work: LogNormal;
  /** How much of the work is done when the first token leaves; 1 for answers in one piece. */
  readonly firstTokenShare: number;
  /** How long calls come in, in milliseconds. */
  readonly durationMs: number;
  readonly seed: number;
}

/** What a caller may expect of every contestant. */
export const TERMS = Object.freeze({ attemptMs: 15_000, deadlineMs: 30_000, attempts: 3 });

/** One call of a user. The work it takes belongs to its question, so it is the same at every region. */
export interface Call {
  readonly askedAt: number;
  readonly workMs: number;
  attempts: number;
  /** To be told once, how it ended. */
  end(isAnswered: boolean): void;
}

/** Who is told what becomes of a request. */
export interface Recipient {
  onReply(reply: Reply): void;
  /** The answer is complete. @default nobody cares */
  onEnd?(): void;
}

/** One process with a client in it: what it can see, and what it can do. */
export interface Process {
  readonly index: number;
  readonly timeline: Timeline;
  readonly random: Random;
  /** The usual time to each region and back, in milliseconds. */
  readonly rttMs: readonly number[];
  /** The numbers of the regions, nearest first. */
  readonly nearest: readonly number[];
  readonly streamed: boolean;
  send(call: Call, region: number, recipient: Recipient): Taken;
  probe(region: number, onReply: () => void): void;
  /** The regions as they are, for an oracle alone. */
  readonly truth: readonly Region[];
}

/** What is written down of a world. */
export interface Recorder {
  sent(region: number, now: number): void;
  ended(call: Call, isAnswered: boolean, now: number): void;
}

/** How a process answers a call; it ends each exactly once. */
export type Asker = (call: Call) => void;

/** Seeds of the sources of chance that belong to one seed; each has its own, so that contestants meet the same calls. */
const STREAMS = { calls: 1, ways: 2, regions: 3, clients: 4 } as const;

const randomOf = (seed: number, stream: number): Random => seededRandom(Math.imul(seed, 1_000_003) + stream * 7_919);

/** Users, client processes and regions on one timeline; everything follows from the seed. */
export class World {
  readonly timeline = new Timeline();
  readonly regions: readonly Region[];
  readonly processes: readonly Process[];
  readonly #plan: WorldPlan;
  readonly #recorder: Recorder;
  readonly #calls: Random;
  readonly #ways: Random;
  #open = 0;
  #isClosed = false;

  constructor(plan: WorldPlan, recorder: Recorder) {
    const { seed, regions, clients } = plan;
    this.#plan = plan;
    this.#recorder = recorder;
    this.#calls = randomOf(seed, STREAMS.calls);
    this.#ways = randomOf(seed, STREAMS.ways);
    const random = randomOf(seed, STREAMS.regions);
    this.regions = regions.map((one) => new Region(one, this.timeline, random));
    this.processes = Array.from({ length: clients }, (_, index) => this.#process(index));
  }

  /** Whether calls are still to come or to be answered. */
  get isOpen(): boolean {
    return this.#open > 0 || !this.#isClosed;
  }

  /** Lets calls come in, each to one of the processes. */
  start(askers: readonly Asker[]): void {
    this.timeline.later(() => this.#arrive(askers), drawGapMs(this.#perSecond(), this.#calls));
  }

  #perSecond(): number {
    const { perSecond, surge } = this.#plan;
    const now = this.timeline.now();
    return surge && surge.from <= now && now < surge.until ? surge.perSecond : perSecond;
  }

  #arrive(askers: readonly Asker[]): void {
    const random = this.#calls;
    if (this.timeline.now() >= this.#plan.durationMs) {
      this.#isClosed = true;
      return;
    }
    const asker = askers[Math.floor(random() * askers.length)] as Asker;
    const call = this.#call(drawLogNormal(this.#plan.work, random));
    this.start(askers);
    this.timeline.feel();
    asker(call);
  }

  #call(workMs: number): Call {
    const { timeline } = this;
    let isOver = false;
    this.#open += 1;
    const call: Call = {
      askedAt: timeline.now(),
      workMs,
      attempts: 0,
      end: (isAnswered) => {
        if (isOver) throw new Error('a call was ended twice');
        isOver = true;
        this.#open -= 1;
        this.#recorder.ended(call, isAnswered, timeline.now());
      },
    };
    return call;
  }

  #process(index: number): Process {
    const { geographies, firstTokenShare, seed } = this.#plan;
    const geography = geographies[index % geographies.length] as Geography;
    return {
      index,
      timeline: this.timeline,
      random: randomOf(seed, STREAMS.clients + index),
      rttMs: geography.map(({ median }) => median),
      nearest: nearestFirst(geography),
      streamed: firstTokenShare < 1,
      send: (call, region, recipient) => this.#send(call, region, { geography, recipient }),
      probe: (region, onReply) => this.#probe(region, geography, onReply),
      truth: this.regions,
    };
  }

  /** A request on its way there, its stay, and its answer on the way back; taken back, it is forgotten wherever it is. */
  #send(call: Call, region: number, { geography, recipient }: { geography: Geography; recipient: Recipient }): Taken {
    const { timeline } = this;
    const halfMs = drawLogNormal(geography[region] as LogNormal, this.#ways) / 2;
    let stay: Taken | undefined;
    let isLeft = false;
    call.attempts += 1;
    this.#recorder.sent(region, timeline.now());
    const back = (tell: () => void) =>
      timeline.later(() => {
        if (isLeft) return;
        timeline.feel();
        tell();
      }, halfMs);
    const visit = {
      workMs: call.workMs,
      firstTokenShare: this.#plan.firstTokenShare,
      onReply: (reply: Reply) => void back(() => recipient.onReply(reply)),
      onEnd: () => void (recipient.onEnd && back(() => recipient.onEnd?.())),
    };
    timeline.later(() => {
      if (!isLeft) stay = this.regions[region]?.accept(visit);
    }, halfMs);
    return {
      leave: () => {
        isLeft = true;
        stay?.leave();
      },
    };
  }

  #probe(region: number, geography: Geography, onReply: () => void): void {
    const { timeline } = this;
    const halfMs = drawLogNormal(geography[region] as LogNormal, this.#ways) / 2;
    const back = () => {
      timeline.feel();
      onReply();
    };
    timeline.later(() => this.regions[region]?.probe(() => void timeline.later(back, halfMs)), halfMs);
  }
}
