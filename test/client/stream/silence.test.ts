import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { Silence } from '../../../packages/client/src/stream/silence.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const WORD = 'data: {"choices":[]}\n\n';

function silence(ms = 1_000) {
  const clock = virtualClock();
  const told: number[] = [];
  return { clock, told, silence: new Silence(ms, clock, () => told.push(clock.now())) };
}

describe('a silence is noticed', () => {
  test('once, when somebody has waited for so long', async () => {
    const { clock, told, silence: of } = silence();
    of.waiting();
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(5_000);
    expect(told).toEqual([1_000]);
    expect(clock.pending).toBe(0);
  });

  test('from the last chunk on, to the millisecond, with one timer', async () => {
    const { clock, told, silence: of } = silence();
    for (let at = 0; at < 10; at += 1) {
      of.waiting();
      await clock.advance(350);
      expect(clock.pending).toBeLessThanOrEqual(1);
      of.heard(bytes(WORD));
    }
    of.waiting();
    await clock.advance(2_000);
    expect(told).toEqual([3_500 + 1_000]);
  });

  test.each([
    [': keep-alive\n\n'],
    [':\r\n\r\n'],
    ['event: ping\ndata: {"type":"ping"}\n\n'],
    ['event: ping\r\ndata: {}\r\n\r\n'],
    ['event: keepalive\ndata: {"sequence_number":1}\n\n'],
    [': one\n\n: two\n\n'],
    ['event: ping\ndata: {}\n\nevent: ping\ndata: {}\n\n'],
    [': hi\nevent: ping\ndata: {}\n\n'],
    [': hi\n\nretry: 3000\n\n'],
    // Only chunks that began with a colon were looked at.
    ['retry: 3000\n\n'],
    ['id: 7\n\n'],
  ])('although %j comes', async (chunk) => {
    const { clock, told, silence: of } = silence();
    of.waiting();
    await clock.advance(600);
    of.heard(bytes(chunk));
    of.waiting();
    await clock.advance(400);
    expect(told).toEqual([1_000]);
  });
});

describe('there is none', () => {
  test.each([
    [WORD],
    [`: hi\n\n${WORD}`],
    [`event: ping\ndata: {}\n\n${WORD}`],
    // With CRLF what came behind a ping was not seen.
    [`event: ping\r\ndata: {}\r\n\r\n${WORD.replaceAll('\n', '\r\n')}`],
    [`event: ping\rdata: {}\r\r${WORD.replaceAll('\n', '\r')}`],
    ['event: response.output_text.delta\ndata: {}\n\n'],
    ['ent of an event that was cut"}\n\n'],
  ])('when %j comes', async (chunk) => {
    const { clock, told, silence: of } = silence();
    of.waiting();
    await clock.advance(600);
    of.heard(bytes(chunk));
    of.waiting();
    await clock.advance(999);
    expect(told).toEqual([]);
  });

  test('while its reader takes its time', async () => {
    const { clock, told, silence: of } = silence();
    of.waiting();
    await clock.advance(10);
    of.heard(bytes(WORD));
    await clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
    of.waiting();
    await clock.advance(999);
    expect(told).toEqual([]);
  });

  test('after its end, and no timer is left', async () => {
    const { clock, told, silence: of } = silence();
    of.waiting();
    of.end();
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(told).toEqual([]);
  });
});
