import { seededRandom } from '../../../packages/core/src/base/random.js';
import { LearnedLimiter } from '../../../packages/core/src/limits/learned.js';
import type { Demand } from '../../../packages/core/src/limits/limit.js';
import { Limiter } from '../../../packages/core/src/limits/limiter.js';

/** Processes that share the limits of some endpoints and know nothing of each other. */
export interface FleetOptions {
  readonly seed: number;
  readonly processes: number;
  /** What is asked for, as a part of what the endpoints can do. */
  readonly load: number;
  readonly minutes: number;
  /** How full the buckets of the endpoints are at first. */
  readonly full: number;
  readonly hasHeaders: boolean;
  /** Requests are counted over so long too, of which no header tells: then a minute's worth does not fit in at once. */
  readonly shortMs?: number;
  /** Processes have the limits of the endpoints from their users, instead of learning them. */
  readonly isConfigured?: boolean;
}

/** What came of it. */
export interface FleetResult {
  /** The part of all requests on the wire that was refused; and of those from the second minute on. */
  readonly refused: number;
  readonly refusedLater: number;
  /** Answers, as a part of those that one queue could have had that knows the state of every bucket. */
  readonly goodput: number;
}

const ENDPOINTS = 2;
const REQUESTS = 60;
const TOKENS = 10_000;
const MINUTE = 60_000;

/** A bucket that fills steadily, as providers have them. */
class Bucket {
  readonly limit: number;
  readonly #most: number;
  #level: number;
  #at = 0;

  constructor(limit: number, full: number, shortMs = MINUTE) {
    this.limit = limit;
    this.#most = (limit * shortMs) / MINUTE;
    this.#level = this.#most * full;
  }

  level(now: number): number {
    this.#level = Math.min(this.#most, this.#level + ((now - this.#at) * this.limit) / MINUTE);
    this.#at = now;
    return this.#level;
  }

  take(cost: number): void {
    this.#level -= cost;
  }

  header(now: number) {
    const level = this.level(now);
    return {
      limit: this.limit,
      remaining: Math.floor(level),
      resetMs: ((this.limit - level) * MINUTE) / this.limit,
    };
  }
}

class Endpoint {
  readonly #requests: Bucket;
  readonly #tokens: Bucket;
  readonly #short: Bucket;

  constructor({ full, shortMs }: FleetOptions) {
    this.#requests = new Bucket(REQUESTS, full);
    this.#short = new Bucket(REQUESTS, full, shortMs);
    this.#tokens = new Bucket(TOKENS, full);
  }

  /** Takes the request, or says of what there is too little. */
  ask(tokens: number, now: number): 'requests' | 'tokens' | undefined {
    if (Math.min(this.#requests.level(now), this.#short.level(now)) < 1) return 'requests';
    if (this.#tokens.level(now) < tokens) return 'tokens';
    this.#requests.take(1);
    this.#short.take(1);
    this.#tokens.take(tokens);
    return undefined;
  }

  headers(now: number) {
    return { requests: this.#requests.header(now), tokens: this.#tokens.header(now) };
  }
}

/** Things to come, in the order of their times. */
class Agenda {
  readonly #due: { at: number; run: (now: number) => void }[] = [];

  add(at: number, run: (now: number) => void): void {
    let place = this.#due.length;
    while (place > 0 && (this.#due[place - 1]?.at ?? 0) < at) place -= 1;
    this.#due.splice(place, 0, { at, run });
  }

  run(until: number): void {
    for (let next = this.#due.pop(); next && next.at <= until; next = this.#due.pop()) next.run(next.at);
  }
}

/** Lets a fleet ask for some minutes of virtual time. */
export function play(options: FleetOptions): FleetResult {
  const { seed, processes, load, minutes } = options;
  const dice = seededRandom(seed);
  const agenda = new Agenda();
  const endpoints = Array.from({ length: ENDPOINTS }, () => new Endpoint(options));
  const world = { agenda, endpoints, dice: seededRandom(seed + 7_919), log: new Log(), options };
  const asked: { at: number; tokens: number }[] = [];
  const between = (processes * MINUTE) / (load * ENDPOINTS * REQUESTS);
  for (let index = 0; index < processes; index += 1) {
    const one = new Process(world);
    const arrive = (now: number) => {
      const tokens = sizeOf(dice);
      asked.push({ at: now, tokens });
      one.ask({ tokens }, now);
      agenda.add(now - Math.log(1 - dice()) * between, arrive);
    };
    agenda.add(-Math.log(1 - dice()) * between, arrive);
  }
  agenda.run(minutes * MINUTE);
  return world.log.result(possible(asked, options));
}

/** How many of these one queue would have had answered in time. */
function possible(asked: readonly { at: number; tokens: number }[], options: FleetOptions): number {
  const endpoints = Array.from({ length: ENDPOINTS }, () => new Endpoint(options));
  let [now, answered] = [0, 0];
  for (const { at, tokens } of asked) {
    now = Math.max(now, at);
    const fullest = () => endpoints.sort((a, b) => b.headers(now).tokens.remaining - a.headers(now).tokens.remaining);
    while (fullest().every((one) => one.ask(tokens, now) !== undefined)) now += 25;
    if (now > options.minutes * MINUTE) break;
    answered += 1;
  }
  return answered;
}

class Log {
  #all = { sent: 0, refused: 0 };
  #first = { sent: 0, refused: 0 };

  note(isRefused: boolean, now: number): void {
    for (const counts of now < MINUTE ? [this.#all, this.#first] : [this.#all]) {
      counts.sent += 1;
      if (isRefused) counts.refused += 1;
    }
  }

  result(possibleAnswers: number): FleetResult {
    const { sent, refused } = this.#all;
    return {
      refused: refused / sent,
      refusedLater: (refused - this.#first.refused) / (sent - this.#first.sent),
      goodput: (sent - refused) / possibleAnswers,
    };
  }
}

interface World {
  readonly agenda: Agenda;
  readonly endpoints: readonly Endpoint[];
  readonly dice: () => number;
  readonly log: Log;
  readonly options: FleetOptions;
}

/** One process: a queue, and a limiter for each endpoint. What is refused goes to the head of the queue; no cooldown helps. */
class Process {
  readonly #world: World;
  readonly #queue: Demand[] = [];
  readonly #limiters: readonly (LearnedLimiter | Limiter)[];
  #wakesAt = Number.POSITIVE_INFINITY;
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
    const numbers = { requestsPerMinute: REQUESTS, tokensPerMinute: TOKENS };
    const make = () => (world.options.isConfigured ? new Limiter('one', numbers) : new LearnedLimiter('one'));
    this.#limiters = world.endpoints.map(make);
  }

  ask(demand: Demand, now: number): void {
    this.#queue.push(demand);
    this.#look(now);
  }

  #look(now: number): void {
    for (let demand = this.#queue[0]; demand; demand = this.#queue[0]) {
      const first = this.#turn++;
      const order = this.#limiters.map((_, index) => (first + index) % ENDPOINTS);
      const waits = order.map((index) => this.#limiters[index]?.wait(demand as Demand, now)?.waitMs ?? 0);
      const chosen = order[waits.indexOf(0)];
      if (chosen === undefined) {
        this.#wake(now + Math.min(...waits) + 0.001);
        return;
      }
      this.#queue.shift();
      this.#send(demand, chosen, now);
    }
  }

  #wake(at: number): void {
    if (at >= this.#wakesAt) return;
    this.#wakesAt = at;
    this.#world.agenda.add(at, (now) => {
      if (now >= this.#wakesAt) this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#look(now);
    });
  }

  #send(demand: Demand, index: number, sentAt: number): void {
    const { agenda, endpoints, dice, log } = this.#world;
    const endpoint = endpoints[index] as Endpoint;
    this.#limiters[index]?.take(demand, sentAt);
    agenda.add(sentAt + 20 + 40 * dice(), (there) => {
      const lacking = endpoint.ask(demand.tokens, there);
      const headers = endpoint.headers(there);
      log.note(lacking !== undefined, there);
      const takesMs = lacking ? 30 : 800 * Math.exp(0.6 * normal(dice));
      agenda.add(there + takesMs, (now) => {
        this.#learn({ index, lacking, headers, sentAt, demand }, now);
        if (lacking) this.#queue.unshift(demand);
        this.#look(now);
      });
    });
  }

  #learn({ index, lacking, headers, sentAt, demand }: Lesson, now: number): void {
    const limiter = this.#limiters[index];
    if (limiter instanceof LearnedLimiter) {
      const isRead = limiter.wantsHeaders(now) || lacking !== undefined;
      if (this.#world.options.hasHeaders && isRead) limiter.seen(headers, sentAt, now);
      if (lacking) limiter.refused(this.#world.options.hasHeaders ? lacking : undefined, now);
      else limiter.answered(now);
    }
    // What is refused counts as a request and takes no tokens.
    limiter?.settle(sentAt, demand, lacking ? 0 : demand.tokens, now);
  }
}

interface Lesson {
  readonly index: number;
  readonly lacking: 'requests' | 'tokens' | undefined;
  readonly headers: ReturnType<Endpoint['headers']>;
  readonly sentAt: number;
  readonly demand: Demand;
}

/** Log-normal with a mean of 165, so that tokens are as scarce as requests. */
const sizeOf = (dice: () => number): number => Math.max(20, Math.round(165 * Math.exp(0.65 * normal(dice) - 0.211)));

const normal = (dice: () => number): number => Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
