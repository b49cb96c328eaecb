import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { Pace } from '../../../packages/client/src/stream/pace.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const event = (content: string) =>
  bytes(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);

/** A stream that has to bring ten tokens a second. */
function paced() {
  const clock = virtualClock();
  const told: number[] = [];
  const pace = new Pace({
    tokensPerSecond: 10,
    resource: 'chat.completions',
    clock,
    onTooSlow: (tokensPerSecond) => told.push(tokensPerSecond),
  });
  /** Somebody waits, and so much comes after so long. */
  const receive = async (afterMs: number, chunk: Uint8Array) => {
    pace.waiting();
    await clock.advance(afterMs);
    pace.heard(chunk);
  };
  return { clock, told, pace, receive };
}

describe('a stream is too slow', () => {
  test('when it brings fewer tokens than it has to over five seconds, and that is told once', async () => {
    const { told, clock, receive } = paced();
    for (let at = 0; at < 49; at += 1) await receive(200, event('word'));
    expect(told).toEqual([5]);
    await clock.advance(60_000);
    expect(told).toEqual([5]);
    expect(clock.pending).toBe(0);
  });

  test('when nothing comes at all, without a chunk to be noticed by', async () => {
    const { told, pace, clock } = paced();
    pace.waiting();
    await clock.advance(6_000);
    expect(told).toEqual([0]);
  });

  test('when it was fast enough before', async () => {
    const { told, receive } = paced();
    for (let at = 0; at < 100; at += 1) await receive(50, event('word'));
    expect(told).toEqual([]);
    for (let at = 0; at < 10; at += 1) await receive(500, event('word'));
    expect(told).toEqual([2]);
  });

  test('when it sends nothing but comments and pings', async () => {
    const { told, receive } = paced();
    for (let at = 0; at < 60; at += 1) await receive(100, bytes(': still here\n\n'));
    expect(told).toEqual([0]);
  });
});

describe('a stream is not too slow', () => {
  test('when its reader is', async () => {
    const { told, clock, receive } = paced();
    for (let at = 0; at < 20; at += 1) {
      await receive(20, event('word'));
      await clock.advance(2_000);
    }
    await clock.advance(10_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  // Some servers send ten tokens at a time; counted as one each they would be cut off at a tenth of their pace.
  test('when several tokens come in one event', async () => {
    const { told, receive } = paced();
    for (let at = 0; at < 20; at += 1) await receive(1_000, event('words of forty letters, ten tokens of it '));
    expect(told).toEqual([]);
  });

  test('when its words come in bursts', async () => {
    const { told, receive } = paced();
    for (let at = 0; at < 5; at += 1) {
      await receive(3_000, event('word'));
      for (let word = 0; word < 60; word += 1) await receive(10, event('word'));
    }
    expect(told).toEqual([]);
  });

  // It was cut off with its finish, and the usage behind that was lost.
  test('when it has come to its finish', async () => {
    const { told, clock, receive } = paced();
    for (let at = 0; at < 24; at += 1) await receive(200, event('word'));
    await receive(400, bytes('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'));
    await clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('after its end, and no timer is left', async () => {
    const { told, pace, clock } = paced();
    pace.waiting();
    pace.end();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });
});
