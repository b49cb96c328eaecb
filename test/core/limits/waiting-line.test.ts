import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type VirtualClock, virtualClock } from '@breakwater/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Limiter } from '../../../packages/core/src/limits/limiter.js';
import { type Place, WaitingLine } from '../../../packages/core/src/limits/waiting-line.js';

/** A line before a limiter whose room is told by hand: the tokens that fit now, or else the time until everything does. */
class Gatekeeper {
  fits = 0;
  waitMs = Number.MAX_SAFE_INTEGER;
  asked = 0;

  wait({ tokens }: { tokens: number }) {
    this.asked += 1;
    return tokens <= this.fits ? undefined : { waitMs: this.waitMs, dimension: 'concurrency' as const };
  }
}

interface Coming {
  readonly name: string;
  readonly priority?: number;
  readonly arrival?: number;
  readonly tokens?: number;
}

/** Takes what it needs in its turn, unless it is told otherwise, and notes its name. */
class Scene {
  readonly clock: VirtualClock = virtualClock();
  readonly gate = new Gatekeeper();
  readonly line: WaitingLine;
  readonly went: string[] = [];
  holds = false;
  #arrivals = 0;

  constructor(maxWaiting = 100) {
    this.line = new WaitingLine(this.gate, maxWaiting);
  }

  join({ name, priority = 0, arrival = this.#arrivals++, tokens = 1 }: Coming): Place | undefined {
    const turn = () => {
      this.went.push(name);
      if (this.holds) return;
      this.gate.fits -= tokens;
      place?.leave();
    };
    const place = this.line.join({ priority, arrival, demand: { tokens }, turn }, this.clock);
    return place;
  }

  giveBack(tokens: number) {
    this.gate.fits += tokens;
    this.line.look();
  }
}

/** Bytes of the heap that are really held. */
async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a promise or a weak reference still holds in this turn is free in the next.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  return process.memoryUsage().heapUsed;
}

describe('a waiting line', () => {
  test('lets go by priority, and among equals by arrival', () => {
    const scene = new Scene();
    scene.join({ name: 'a' });
    scene.join({ name: 'b', priority: 5 });
    scene.join({ name: 'c', priority: -1 });
    scene.join({ name: 'd', priority: 5 });
    scene.join({ name: 'e' });
    scene.giveBack(5);
    expect(scene.went).toEqual(['b', 'd', 'a', 'e', 'c']);
    expect([scene.line.length, scene.clock.pending]).toEqual([0, 0]);
  });

  // Small requests slipped past a large one for as long as they kept coming.
  test('lets nobody overtake a large one, though there is room for the small', () => {
    const scene = new Scene();
    scene.join({ name: 'large', tokens: 10 });
    for (let i = 0; i < 9; i += 1) {
      scene.join({ name: 'small' });
      scene.giveBack(1);
    }
    expect(scene.went).toEqual([]);
    scene.giveBack(1);
    expect(scene.went).toEqual(['large']);
    scene.giveBack(2);
    expect(scene.went).toEqual(['large', 'small', 'small']);
  });

  test('says who must not overtake', () => {
    const scene = new Scene();
    expect(scene.line.isAhead(0, 0)).toBe(false);
    const place = scene.join({ name: 'a', priority: 2, arrival: 7 });
    const asks: [number, number][] = [
      [2, 6],
      [2, 8],
      [1, 0],
      [3, 99],
    ];
    expect(asks.map(([priority, arrival]) => scene.line.isAhead(priority, arrival))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    place?.leave();
    expect(scene.line.isAhead(1, 0)).toBe(false);
  });

  test('counts the one who has its turn until it leaves, and looks at nobody else before', () => {
    const scene = new Scene();
    scene.holds = true;
    const first = scene.join({ name: 'a', arrival: 1 });
    scene.join({ name: 'b', arrival: 2 });
    scene.giveBack(9);
    scene.giveBack(9);
    expect([scene.went, scene.line.length, scene.line.isAhead(0, 2), scene.clock.pending]).toEqual([['a'], 2, true, 0]);
    first?.leave();
    expect([scene.went, scene.line.length]).toEqual([['a', 'b'], 1]);
  });

  test('gives its old place to one that comes again with its old number', () => {
    const scene = new Scene();
    scene.holds = true;
    const first = scene.join({ name: 'a', arrival: 1 });
    scene.join({ name: 'b', arrival: 2 });
    scene.giveBack(1);
    // Somebody else took the room meanwhile.
    scene.gate.fits = 0;
    first?.leave();
    scene.join({ name: 'a again', arrival: 1 });
    scene.giveBack(1);
    expect(scene.went).toEqual(['a', 'a again']);
  });

  test('turns away who comes when it is full', () => {
    const scene = new Scene(2);
    const places = ['a', 'b', 'c'].map((name) => scene.join({ name }));
    expect(places.map((place) => place !== undefined)).toEqual([true, true, false]);
    places[1]?.leave();
    expect([scene.join({ name: 'd' }) !== undefined, scene.line.length]).toEqual([true, 2]);
  });

  // A call whose turn had come found its room gone, asked for its place again, and was refused by the full line it stood in.
  test('lets in one that still has a place, even when it is full', () => {
    const scene = new Scene(2);
    scene.holds = true;
    const first = scene.join({ name: 'a', arrival: 1 });
    const second = scene.join({ name: 'b', arrival: 2 });
    scene.giveBack(1);
    scene.gate.fits = 0;
    const again = ['a again', 'b again'].map((name, index) => scene.join({ name, arrival: index + 1 }));
    expect([again.every((place) => place), scene.join({ name: 'c', arrival: 3 })]).toEqual([true, undefined]);
    for (const place of [first, second]) place?.leave();
    expect([scene.line.length, scene.join({ name: 'c', arrival: 3 })]).toEqual([2, undefined]);
    scene.giveBack(1);
    expect(scene.went).toEqual(['a', 'a again']);
    for (const place of again) place?.leave();
    scene.join({ name: 'd', arrival: 1 });
    scene.join({ name: 'e', arrival: 4 });
    expect(scene.join({ name: 'f', arrival: 2 })).toBeUndefined();
  });

  test('waits with one timer for its first, and with none when nobody waits', async () => {
    const scene = new Scene();
    scene.gate.waitMs = 500;
    const places = ['a', 'b', 'c'].map((name) => scene.join({ name }));
    expect(scene.clock.pending).toBe(1);
    places[1]?.leave();
    places[0]?.leave();
    expect(scene.clock.pending).toBe(1);
    places[2]?.leave();
    expect(scene.clock.pending).toBe(0);
    scene.join({ name: 'd' });
    await scene.clock.advance(499);
    scene.gate.fits = 1;
    expect(scene.went).toEqual([]);
    await scene.clock.advance(1);
    expect([scene.went, scene.clock.pending]).toEqual([['d'], 0]);
  });

  test('leaves its timer alone when it is told again and again while there is no room', () => {
    const scene = new Scene();
    scene.gate.waitMs = 500;
    let timers = 0;
    const setTimeout = scene.clock.setTimeout.bind(scene.clock);
    scene.clock.setTimeout = (run, ms) => {
      timers += 1;
      return setTimeout(run, ms);
    };
    scene.join({ name: 'a' });
    for (let i = 0; i < 1_000; i += 1) scene.line.look();
    expect([timers, scene.clock.pending]).toEqual([1, 1]);
  });

  // Sixty calls that left from within their turns were one inside the other.
  test('gives no turn from within another', () => {
    const scene = new Scene();
    let depth = 0;
    let deepest = 0;
    for (let arrival = 0; arrival < 10; arrival += 1) {
      const turn = () => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        place?.leave();
        depth -= 1;
      };
      const place = scene.line.join({ priority: 0, arrival, demand: { tokens: 1 }, turn }, scene.clock);
    }
    scene.giveBack(1);
    expect([deepest, scene.line.length]).toEqual([1, 0]);
  });

  test('sets no timer for the end of requests, which no clock can tell', () => {
    const scene = new Scene();
    scene.join({ name: 'a' });
    expect([scene.line.length, scene.clock.pending]).toEqual([1, 0]);
  });

  test('looks earlier when one comes that goes first and waits less', async () => {
    const scene = new Scene();
    scene.gate.waitMs = 60_000;
    scene.join({ name: 'a' });
    scene.gate.waitMs = 10;
    scene.join({ name: 'urgent', priority: 1 });
    scene.gate.fits = 1;
    await scene.clock.advance(10);
    expect(scene.went).toEqual(['urgent']);
  });

  test('waits again when its timer came too early', async () => {
    const scene = new Scene();
    scene.gate.waitMs = 10;
    scene.join({ name: 'a' });
    await scene.clock.advance(25);
    expect([scene.went, scene.clock.pending, scene.gate.asked]).toEqual([[], 1, 3]);
  });

  test('gives no turn from within join, not even when there is room', async () => {
    const scene = new Scene();
    scene.gate.fits = 1;
    expect(scene.join({ name: 'a' })).toBeDefined();
    expect(scene.went).toEqual([]);
    await scene.clock.advance(0);
    expect([scene.went, scene.clock.pending]).toEqual([['a'], 0]);
  });

  test('looks at the next when the first gives up', () => {
    const scene = new Scene();
    const large = scene.join({ name: 'large', tokens: 10 });
    scene.join({ name: 'small' });
    scene.giveBack(5);
    large?.leave();
    large?.leave();
    expect([scene.went, scene.line.length]).toEqual([['small'], 0]);
  });

  test('lets 64 go in a row, and the next after a pause in which nobody is looked at', async () => {
    const scene = new Scene(1_000);
    for (let i = 0; i < 200; i += 1) scene.join({ name: `${i}` });
    scene.giveBack(1_000);
    scene.line.look();
    expect([scene.went.length, scene.clock.pending]).toEqual([64, 1]);
    await scene.clock.advance(0);
    expect([scene.went.length, scene.clock.pending]).toEqual([200, 0]);
  });

  test('counts those in a row also when each leaves a moment after its turn', async () => {
    const scene = new Scene(1_000);
    let inARow = 0;
    let most = 0;
    const pause = scene.clock.setTimeout.bind(scene.clock);
    scene.clock.setTimeout = (run, ms) =>
      pause(() => {
        inARow = 0;
        run();
      }, ms);
    for (let arrival = 0; arrival < 500; arrival += 1) {
      const turn = async () => {
        inARow += 1;
        most = Math.max(most, inARow);
        await undefined;
        place?.leave();
      };
      const place = scene.line.join({ priority: 0, arrival, demand: { tokens: 0 }, turn }, scene.clock);
    }
    expect(await scene.clock.runUntilIdle(1_000)).toBe(true);
    expect([most, scene.line.length]).toEqual([64, 0]);
  });

  test('10 000 drain in order, never more than 64 without a pause', async () => {
    const clock = virtualClock();
    const limiter = new Limiter('seoul', { requestsPerMinute: 10_000, concurrency: 20_000 }, 10_000);
    for (let i = 0; i < 10_000; i += 1) limiter.take({ tokens: 1 }, 0);
    const went: number[] = [];
    const runs: number[] = [];
    const setTimeout = clock.setTimeout.bind(clock);
    clock.setTimeout = (run, ms) =>
      setTimeout(() => {
        const before = went.length;
        run();
        runs.push(went.length - before);
      }, ms);
    for (let arrival = 0; arrival < 10_000; arrival += 1) {
      const turn = () => {
        went.push(arrival);
        limiter.take({ tokens: 1 }, clock.now());
        place?.leave();
      };
      const place = limiter.line.join({ priority: 0, arrival, demand: { tokens: 1 }, turn }, clock);
    }
    expect(clock.pending).toBe(1);
    await clock.advance(60_999);
    expect(went).toEqual([]);
    await clock.advance(1);
    expect(went).toEqual(Array.from({ length: 10_000 }, (_, arrival) => arrival));
    expect([Math.max(...runs), limiter.line.length, clock.pending]).toEqual([64, 0, 0]);
  });

  // Each abort searched the whole line: ten thousand callers that hung up together blocked the process for seconds.
  // With a search ten times as many would take a hundred times as long.
  test.each(['in order', 'from behind', 'at random'])('10 000 leave at once, %s, without a search', (order) => {
    const leave = (count: number) => {
      const scene = new Scene(count);
      scene.gate.waitMs = 5_000;
      const places = Array.from({ length: count }, (_, i) => scene.join({ name: `${i}`, priority: i % 3 }));
      if (order === 'from behind') places.reverse();
      // 7 919 is a prime, so that this comes by everybody once.
      const next = order === 'at random' ? 7_919 : 1;
      const before = performance.now();
      for (let i = 0; i < count; i += 1) places[(i * next) % count]?.leave();
      const took = performance.now() - before;
      expect([scene.line.length, scene.clock.pending, scene.went]).toEqual([0, 0, []]);
      return took;
    };
    const least = (count: number) => Math.min(...Array.from({ length: 5 }, () => leave(count)));
    expect(least(10_000)).toBeLessThan(100 * Math.max(0.5, least(1_000)));
  });

  // The line kept what it had let go until the first was gone: with a large request at its head it grew with every caller that hung up.
  test('keeps nothing of those who left, though the first stays', async () => {
    const scene = new Scene(10);
    scene.join({ name: 'first' });
    const before = await heapUsed();
    for (let i = 0; i < 200_000; i += 1) scene.join({ name: 'another' })?.leave();
    expect((await heapUsed()) - before).toBeLessThan(4e6);
    scene.giveBack(1);
    expect([scene.went, scene.line.length]).toEqual([['first'], 0]);
  });

  test('goes on when a turn throws, once that one has left', () => {
    const scene = new Scene();
    const turn = () => {
      throw new Error('no');
    };
    const place = scene.line.join({ priority: 1, arrival: 0, demand: { tokens: 1 }, turn }, scene.clock);
    scene.join({ name: 'b' });
    expect(() => scene.giveBack(2)).toThrow('no');
    place?.leave();
    expect(scene.went).toEqual(['b']);
  });

  test('is a sorted list, whoever comes, leaves and goes', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.record({ priority: fc.nat(2), tokens: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 2, arbitrary: fc.record({ leaves: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ room: fc.nat(12) }) },
    );
    fc.assert(
      fc.property(fc.array(action, { size: 'max', maxLength: 300 }), (actions) => {
        const scene = new Scene(40);
        const places = new Map<string, Place>();
        let waiting: { name: string; priority: number; tokens: number }[] = [];
        const expected: string[] = [];
        let fits = 0;
        const drain = () => {
          for (let first = waiting[0]; first && first.tokens <= fits; first = waiting[0]) {
            fits -= first.tokens;
            expected.push(first.name);
            waiting = waiting.slice(1);
          }
        };
        for (const [index, one] of actions.entries()) {
          const name = `${index}`;
          if ('leaves' in one) {
            const leaving = waiting[one.leaves % Math.max(1, waiting.length)];
            if (!leaving) continue;
            waiting = waiting.filter((other) => other !== leaving);
            places.get(leaving.name)?.leave();
            drain();
          } else if ('room' in one) {
            fits += one.room;
            scene.giveBack(one.room);
            drain();
          } else {
            const place = scene.join({ name, ...one });
            expect(place !== undefined).toBe(waiting.length < 40);
            if (!place) continue;
            places.set(name, place);
            waiting.push({ name, ...one });
            waiting.sort((a, b) => b.priority - a.priority);
            // With room at hand it is let go by a timer; here the line is told.
            scene.line.look();
            drain();
          }
          if (scene.went.length >= 64) return;
          expect(scene.went).toEqual(expected);
          expect(scene.line.length).toBe(waiting.length);
          expect(scene.clock.pending).toBeLessThanOrEqual(waiting.length === 0 ? 0 : 1);
        }
      }),
    );
  });
});
