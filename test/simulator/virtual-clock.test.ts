import { virtualClock } from '@breakwater/simulator';
import { expect, test } from 'vitest';

test('time stands still until it is moved', async () => {
  const clock = virtualClock({ now: 100, wall: 5000 });
  expect([clock.now(), clock.wall()]).toEqual([100, 5000]);
  await clock.advance(250);
  expect([clock.now(), clock.wall()]).toEqual([350, 5250]);
});

test('timers fire in the order of their times, then of their setting, each at its own time', async () => {
  const clock = virtualClock();
  const trail: string[] = [];
  for (const [name, ms] of [
    ['c', 30],
    ['a', 10],
    ['b', 10],
    ['late', 31],
  ] as const) {
    clock.setTimeout(() => trail.push(`${name}@${clock.now()}`), ms);
  }
  expect(clock.pending).toBe(4);
  await clock.advance(30);
  expect(trail).toEqual(['a@10', 'b@10', 'c@30']);
  expect(clock.pending).toBe(1);
});

test('promises settle between timers, and timers they set in time fire too', async () => {
  const clock = virtualClock();
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
  const trail: string[] = [];
  const walk = async () => {
    for (let step = 1; step <= 3; step += 1) {
      await sleep(10);
      await new Response(`step ${step}`).text();
      trail.push(`${step}@${clock.now()}`);
    }
  };
  const walking = walk();
  clock.setTimeout(() => trail.push('between'), 15);
  await clock.advance(30);
  await walking;
  expect(trail).toEqual(['1@10', 'between', '2@20', '3@30']);
});

test('a cleared timer never fires, and clearing twice or something else is harmless', async () => {
  const clock = virtualClock();
  let fired = 0;
  const timer = clock.setTimeout(() => {
    fired += 1;
  }, 5);
  clock.clearTimeout(timer);
  clock.clearTimeout(timer);
  clock.clearTimeout(undefined);
  clock.setTimeout(() => clock.clearTimeout(other), 5);
  const other = clock.setTimeout(() => {
    fired += 1;
  }, 5);
  await clock.advance(10);
  expect([fired, clock.pending]).toEqual([0, 0]);
});

test('the wall clock jumps without the timers noticing', async () => {
  const clock = virtualClock();
  let firedAt = -1;
  clock.setTimeout(() => {
    firedAt = clock.now();
  }, 100);
  clock.setWall(0);
  expect([clock.wall(), clock.now()]).toEqual([0, 0]);
  await clock.advance(100);
  expect([firedAt, clock.wall()]).toEqual([100, 100]);
});

test('runs until idle, but not past its limit', async () => {
  const clock = virtualClock();
  clock.setTimeout(() => clock.setTimeout(() => undefined, 50), 50);
  expect(await clock.runUntilIdle(1000)).toBe(true);
  expect(clock.now()).toBe(100);
  const again = (): unknown => clock.setTimeout(again, 40);
  again();
  expect(await clock.runUntilIdle(100)).toBe(false);
  expect(clock.now()).toBe(200);
});

test('rejects with what a timer throws, and goes on afterwards', async () => {
  const clock = virtualClock();
  clock.setTimeout(() => {
    throw new Error('overboard');
  }, 10);
  await expect(clock.advance(20)).rejects.toThrow('overboard');
  expect(clock.now()).toBe(10);
  await clock.advance(10);
  expect(clock.now()).toBe(20);
});

test('moves one step at a time and never back', async () => {
  const clock = virtualClock();
  const moving = clock.advance(10);
  await expect(clock.advance(10)).rejects.toThrow('moving already');
  await moving;
  await expect(clock.advance(-1)).rejects.toThrow('0 milliseconds or more');
  expect(clock.now()).toBe(10);
});
