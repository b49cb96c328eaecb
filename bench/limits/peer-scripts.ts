import { seededRandom } from '../../packages/core/src/base/random.ts';
import { inVirtualTime, type Time } from '../breaker/time.ts';
import type { Doorman, Library, Minute } from './field.ts';

const REQUESTS: Minute = { of: 'requests', amount: 60 };
const TOKENS: Minute = { of: 'tokens', amount: 10_000 };
const MINUTE_MS = 60_000;
/** Virtual time goes on in steps of so much, … */
const STEP_MS = 50;
/** … and of one millisecond for so long after a crowd has come: one library lets one go in each. */
const CROWD_MS = 2_000;
const CROWD = 100;
const APART_MS = 5_000;

/** A request that asks to leave. */
interface Asked {
  readonly at: number;
  readonly cost: number;
}

interface Left extends Asked {
  /** When it was let go. */
  readonly leftAt: number;
}

/** Lets requests ask in their time, and tells which were let go until `untilMs`, in that order. */
async function follow(door: Doorman, time: Time, { agenda, untilMs }: { agenda: readonly Asked[]; untilMs: number }) {
  const left: Left[] = [];
  const start = time.clock.now();
  let next = 0;
  let crowdAt = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < untilMs && left.length < agenda.length; now = time.clock.now() - start) {
    const before = next;
    for (let asked = agenda[next]; asked && asked.at <= now; asked = agenda[next]) {
      const one = asked;
      next += 1;
      void door.enter(one.cost).then(() => left.push({ ...one, leftAt: time.clock.now() - start }));
    }
    if (next - before > CROWD) crowdAt = now;
    await time.advance(now - crowdAt < CROWD_MS ? 1 : STEP_MS);
  }
  return left;
}

/** A library in a time and with a limit of its own; undefined when it has no setting for it. */
const inTime = <T>(library: Library, minute: Minute, run: (door: Doorman, time: Time) => Promise<T>) =>
  inVirtualTime(async (time) => {
    const door = library(minute, time.clock);
    if (!door) return undefined;
    try {
      return await run(door, time);
    } finally {
      door.close?.();
    }
  });

/** What a library made of a limit, in its own unit and in parts of 1. */
export interface Kept {
  /** The most that left in any 60 s. */
  readonly most: number;
  /** What left in a minute, as a part of the limit, while more was asked for. */
  readonly sustained: number;
}

/** The most that left in any 60 seconds, the last of them not counted. */
function mostInAMinute(left: readonly Left[]): number {
  let [most, sum, from] = [0, 0, 0];
  for (const { leftAt, cost } of left) {
    sum += cost;
    while ((left[from]?.leftAt ?? leftAt) <= leftAt - MINUTE_MS) sum -= left[from++]?.cost ?? 0;
    most = Math.max(most, sum);
  }
  return most;
}

/** What leaves in a millisecond, between the first after `from` and the last; where they leave in crowds, between the first of two crowds. */
function rateOf(all: readonly Left[], from: number): number {
  const left = all.filter(({ leftAt }) => leftAt >= from);
  const apart = left.filter(({ leftAt }, index) => leftAt - (left[index - 1]?.leftAt ?? leftAt) > APART_MS);
  const [first, last] = [left[0]?.leftAt ?? 0, (apart.at(-1) ?? left.at(-1))?.leftAt ?? 0];
  return left.reduce((sum, { leftAt, cost }) => (leftAt < last ? sum + cost : sum), 0) / (last - first);
}

/** Sixty a minute: one at 0, two hundred at second 59.4, and then one every 100 ms for ten minutes. */
export function requests(library: Library): Promise<Kept | undefined> {
  const burstAt = 59_400;
  const one = (at: number): Asked => ({ at, cost: 1 });
  const steady = Array.from({ length: 6_000 }, (_, index) => one(burstAt + 100 * (index + 1)));
  const agenda = [one(0), ...Array.from({ length: 200 }, () => one(burstAt)), ...steady];
  const untilMs = burstAt + 10 * MINUTE_MS;
  return inTime(library, REQUESTS, async (door, time) => {
    const left = await follow(door, time, { agenda, untilMs });
    const sustained = (rateOf(left, burstAt + MINUTE_MS) * MINUTE_MS) / REQUESTS.amount;
    return { most: mostInAMinute(left), sustained };
  });
}

/** Requests of 50 to 3 000 tokens, small ones more often, that ask for `load` times ten thousand a minute. */
function ofTokens(load: number, minutes: number): Asked[] {
  const dice = seededRandom(7);
  const sizes = Array.from({ length: 10_000 }, () => Math.round(50 * 60 ** dice()));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const everyMs = (mean * MINUTE_MS) / (load * TOKENS.amount);
  return Array.from({ length: Math.floor((minutes * MINUTE_MS) / everyMs) }, (_, index) => ({
    at: index * everyMs,
    cost: sizes[index] ?? mean,
  }));
}

/** Ten thousand tokens a minute, of which twice as many are asked for in ten minutes. */
export function tokens(library: Library): Promise<Kept | undefined> {
  return inTime(library, TOKENS, async (door, time) => {
    const left = await follow(door, time, { agenda: ofTokens(2, 10), untilMs: 10 * MINUTE_MS });
    const sustained = (rateOf(left, MINUTE_MS) * MINUTE_MS) / TOKENS.amount;
    return { most: mostInAMinute(left), sustained };
  });
}

/** How the large ones fared among small ones. */
export interface Fared {
  /** Milliseconds. */
  readonly longestWaitMs: number;
  /** How many who came later left before one of them, at the most. */
  readonly overtakenBy: number;
}

/** The same limit with 80 % of it asked for, for ten minutes: what becomes of requests of more than 2 000 tokens. */
export function large(library: Library): Promise<Fared | undefined> {
  return inTime(library, TOKENS, async (door, time) => {
    const agenda = ofTokens(0.8, 10);
    const left = await follow(door, time, { agenda, untilMs: 20 * MINUTE_MS });
    if (left.length < agenda.length) return { longestWaitMs: Number.POSITIVE_INFINITY, overtakenBy: agenda.length };
    const isLarge = left.map((one, place) => ({ one, place })).filter(({ one }) => one.cost > 2_000);
    return {
      longestWaitMs: Math.max(...isLarge.map(({ one }) => one.leftAt - one.at)),
      overtakenBy: Math.max(
        ...isLarge.map(({ one, place }) => left.slice(0, place).filter(({ at }) => at > one.at).length),
      ),
    };
  });
}

/** Of those that leave in a minute, how many places went to thirty callers who had left the line. */
export async function costOfLeaving(library: Library): Promise<number | undefined> {
  const without = await staying(library, 0);
  const withThirty = await staying(library, 30);
  return without !== undefined && withThirty !== undefined ? without - withThirty : undefined;
}

/** How many are let go in seventy seconds of those who stay, when so many before them leave. */
function staying(library: Library, leaving: number): Promise<number | undefined> {
  return inTime(library, REQUESTS, async (door, time) => {
    let gone = 0;
    const stay = async () => {
      await door.enter(1);
      gone += 1;
    };
    for (let i = 0; i < 60; i += 1) void stay();
    for (let step = 0; step < 10; step += 1) await time.advance(STEP_MS);
    const caller = new AbortController();
    for (let i = 0; i < leaving; i += 1) door.enter(1, caller.signal).catch(() => {});
    for (let i = 0; i < 90; i += 1) void stay();
    await time.advance(1_000);
    caller.abort();
    for (let now = 0; now < 70_000; now += STEP_MS) await time.advance(STEP_MS);
    return gone;
  });
}

/** Of two thousand tokens that are left, those that are gone when three thousand were refused. */
export async function costOfRefusal(library: Library): Promise<number | undefined> {
  const without = await entering(library, []);
  const withOne = await entering(library, [3_000]);
  return without !== undefined && withOne !== undefined ? without - withOne : undefined;
}

/** What is let in at once of two thousand tokens in small requests, after eight thousand before and these that are refused. */
function entering(library: Library, refused: readonly number[]): Promise<number | undefined> {
  return inTime(library, TOKENS, async (door, time) => {
    const { tryEnter } = door;
    if (!tryEnter) return undefined;
    const ask = async (cost: number) => {
      const answer = tryEnter(cost);
      // Some look around by timers first.
      for (let step = 0; step < 10; step += 1) await time.advance(STEP_MS);
      return (await answer) ? cost : 0;
    };
    for (const cost of [2_000, 2_000, 2_000, 2_000]) await ask(cost);
    for (const cost of refused) if ((await ask(cost)) > 0) throw new Error('it was to be refused');
    let entered = 0;
    for (const cost of [500, 500, 500, 500]) entered += await ask(cost);
    return entered;
  });
}
