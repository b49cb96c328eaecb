import { virtualClock } from '@breakwater/simulator';
import type { RouterEvents } from 'breakwater';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Courier } from '../../../packages/client/src/alerts/courier.js';
import type { AlertMessage, AlertSink } from '../../../packages/client/src/alerts/sink.js';

const alertOf = (number: number, state: 'firing' | 'resolved' = 'firing'): RouterEvents['alert'] => ({
  at: 0,
  incident: `openings-x-${number}`,
  rule: 'openings',
  severity: 'warning',
  state,
  text: `alert ${number}.`,
  since: 0,
});

/** A courier whose sink does what the test says, by the number of the try. */
function courierTo(
  deliver: (count: number, message: AlertMessage, signal: AbortSignal) => unknown,
  terms: Partial<AlertSink> = {},
) {
  const clock = virtualClock();
  const tries: { readonly at: number; readonly message: AlertMessage }[] = [];
  const complaints: string[] = [];
  const sink: AlertSink = {
    name: 'test',
    ...terms,
    deliver: (message, { signal }) => {
      tries.push({ at: clock.now(), message });
      return deliver(tries.length, message, signal);
    },
  };
  const complain = (message: string, error: unknown) => void complaints.push(`${message}: ${String(error)}`);
  return { clock, tries, complaints, courier: new Courier({ sink, clock, complain }) };
}

const fail = () => Promise.reject(new Error('no https://hooks.test/marker-secret'));

describe('a courier', () => {
  test('does nothing before the one who tells it has gone on', async () => {
    const { courier, tries, clock } = courierTo(() => undefined);
    courier.take(alertOf(1));
    await Promise.resolve();
    expect(tries).toHaveLength(0);
    await clock.advance(0);
    expect(tries.map(({ message }) => message.text)).toEqual(['FIRING warning openings: alert 1. [openings-x-1]']);
    expect(clock.pending).toBe(0);
  });

  test('tries again with growing pauses, and tells the next only then', async () => {
    const { courier, tries, clock } = courierTo((count) => (count < 4 ? fail() : undefined));
    courier.take(alertOf(1));
    courier.take(alertOf(2));
    await clock.runUntilIdle(60_000);
    expect(tries.map(({ message }) => message.alert?.incident)).toEqual([
      'openings-x-1',
      'openings-x-1',
      'openings-x-1',
      'openings-x-1',
      'openings-x-2',
    ]);
    const pauses = tries.slice(1, 4).map(({ at }, index) => at - (tries[index]?.at ?? 0));
    for (const [index, ms] of pauses.entries()) {
      expect(ms).toBeGreaterThanOrEqual(1_000 * 2 ** index);
      expect(ms).toBeLessThanOrEqual(1_250 * 2 ** index);
    }
  });

  test('gives each try its time, whatever the sink does', async () => {
    const { courier, tries, clock } = courierTo(() => new Promise(() => {}), { retries: 1, timeoutMs: 3_000 });
    courier.take(alertOf(1));
    await clock.advance(0);
    await clock.advance(2_999);
    expect(tries).toHaveLength(1);
    await clock.advance(1 + 1_250);
    expect(tries).toHaveLength(2);
  });

  test('complains once of what it cannot reach, and never says where that was', async () => {
    const { courier, complaints, clock } = courierTo(fail, { retries: 1 });
    for (let number = 0; number < 5; number += 1) courier.take(alertOf(number));
    await clock.advance(60_000);
    expect(complaints).toEqual(['The alert sink "test" could not be reached in 2 tries; that is told once: Error']);
    expect(complaints.join()).not.toContain('marker-secret');
  });

  test('sums up what was not told, once somebody is there again', async () => {
    let isThere = false;
    const { courier, tries, clock } = courierTo(() => (isThere ? undefined : fail()), { retries: 0 });
    courier.take(alertOf(1));
    courier.take(alertOf(1, 'resolved'));
    await clock.advance(10_000);
    isThere = true;
    courier.take(alertOf(2));
    await clock.advance(10_000);
    const [told, summed] = tries.slice(2).map(({ message }) => message);
    expect(told?.alert?.incident).toBe('openings-x-2');
    expect(summed?.summary).toMatchObject({ alerts: 2, firing: 1, resolved: 1, byRule: { openings: 2 } });
  });

  test('comes back after five minutes even if nothing else is to be told', async () => {
    const { courier, tries, clock } = courierTo((count) => (count === 1 ? fail() : undefined), { retries: 0 });
    courier.take(alertOf(1, 'resolved'));
    await clock.advance(299_000);
    expect(tries).toHaveLength(1);
    await clock.advance(2_000);
    expect(tries.map(({ message }) => message.alert?.incident)).toEqual(['openings-x-1', 'openings-x-1']);
    expect(clock.pending).toBe(0);
  });

  test('tells so many a minute, and sums up the rest when the minute is over', async () => {
    const { courier, tries, clock } = courierTo(() => undefined, { perMinute: 3 });
    for (let number = 0; number < 50; number += 1) courier.take(alertOf(number));
    await clock.advance(59_999);
    expect(tries).toHaveLength(3);
    await clock.advance(2);
    expect(tries).toHaveLength(4);
    expect(tries[3]?.message.summary).toMatchObject({ alerts: 47, firing: 47, byRule: { openings: 47 } });
    expect(tries[3]?.message.text).toContain(
      '47 alerts that were not told one by one (47 firing, 0 resolved; openings 47)',
    );
    await clock.runUntilIdle(600_000);
    expect(tries).toHaveLength(4);
  });

  test('holds so many, and sums up the rest', async () => {
    const { courier, tries, clock } = courierTo((count) => (count === 1 ? new Promise(() => {}) : undefined), {
      perMinute: 1_000,
      queue: 10,
      retries: 0,
      timeoutMs: 5_000,
    });
    courier.take(alertOf(0));
    await clock.advance(0);
    for (let number = 1; number <= 1_000; number += 1) courier.take(alertOf(number));
    await clock.runUntilIdle(600_000);
    // One that hung, ten that waited, and one for all others.
    expect(tries).toHaveLength(12);
    const summed = tries.find(({ message }) => message.summary)?.message.summary;
    expect(summed?.alerts).toBe(991);
  });

  test('gives everything up when it is closed, and owns no timer then', async () => {
    let aborted = 0;
    const { courier, tries, clock } = courierTo((_count, _message, signal) => {
      signal.addEventListener('abort', () => {
        aborted += 1;
      });
      return new Promise(() => {});
    });
    courier.take(alertOf(1));
    courier.take(alertOf(2));
    await clock.advance(10);
    courier.close();
    expect([aborted, clock.pending]).toEqual([1, 0]);
    courier.take(alertOf(3));
    await clock.runUntilIdle(600_000);
    expect([tries.length, clock.pending]).toEqual([1, 0]);
  });

  test('that is closed in a pause owns no timer either', async () => {
    const { courier, tries, clock } = courierTo(fail);
    courier.take(alertOf(1));
    await clock.advance(10);
    courier.close();
    expect(clock.pending).toBe(0);
    await clock.advance(600_000);
    expect(tries).toHaveLength(1);
  });

  // Each pause left a listener at the signal of the client: with a sink that nobody could reach they grew for days.
  test('leaves nothing behind when a pause is over', async () => {
    const add = vi.spyOn(EventTarget.prototype, 'addEventListener');
    const remove = vi.spyOn(EventTarget.prototype, 'removeEventListener');
    onTestFinished(() => void vi.restoreAllMocks());
    const { courier, tries, clock } = courierTo(fail, { retries: 5 });
    courier.take(alertOf(1));
    await clock.advance(120_000);
    expect(tries).toHaveLength(6);
    const { contexts } = add.mock;
    // Whatever was listened to more than once lives longer than a try.
    const lasting = contexts.filter((one, index) => contexts.indexOf(one) !== index);
    expect(lasting.length).toBeGreaterThan(0);
    const signal = lasting[0];
    const heard = contexts.filter((one) => one === signal).length;
    expect(remove.mock.contexts.filter((one) => one === signal)).toHaveLength(heard);
    courier.close();
  });

  test('survives a sink that throws at once', async () => {
    const { courier, tries, clock } = courierTo((count) => {
      if (count === 1) throw new TypeError('oh');
    });
    courier.take(alertOf(1));
    await clock.runUntilIdle(60_000);
    expect(tries).toHaveLength(2);
  });
});
