import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../packages/core/src/base/clock.js';
import type { RouterEvents } from '../../../packages/core/src/events/events.js';
import { EventHub } from '../../../packages/core/src/events/hub.js';

const clock = { wall: () => 7 } as Clock;
const event: RouterEvents['request.started'] = { requestId: 'r-1', at: 1, model: 'm', streamed: false };

function hubWith(): { hub: EventHub; complaints: [string, unknown][] } {
  const complaints: [string, unknown][] = [];
  return { hub: new EventHub(clock, (message, error) => complaints.push([message, error])), complaints };
}

/** Lets rejections reach those who wait for them. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('listening', () => {
  test('goes on until it is undone, in the order of listening', () => {
    const { hub } = hubWith();
    const trail: string[] = [];
    const undo = hub.on('request.started', () => trail.push('first'));
    hub.on('request.started', () => trail.push('second'));
    hub.emit('request.started', { ...event });
    undo();
    undo();
    hub.emit('request.started', { ...event });
    expect(trail).toEqual(['first', 'second', 'second']);
  });

  test('once is for one event; both its undo and off end it before', () => {
    const { hub } = hubWith();
    const heard: string[] = [];
    const off = () => heard.push('off');
    hub.once('request.started', () => heard.push('once'));
    hub.once('request.started', () => heard.push('undone'))();
    hub.once('request.started', off);
    hub.off('request.started', off);
    hub.emit('request.started', { ...event });
    hub.emit('request.started', { ...event });
    expect(heard).toEqual(['once']);
    expect(hub.hears('request.started')).toBe(false);
  });

  test('twice with the same listener is once', () => {
    const { hub } = hubWith();
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    hub.on('request.started', listener);
    hub.on('request.started', listener);
    hub.emit('request.started', { ...event });
    expect(heard).toBe(1);
    hub.off('request.started', listener);
    expect(hub.hears('request.started')).toBe(false);
  });

  // Two parts of a program that share a listener must not end each other's listening.
  test('twice with the same listener goes on until both are undone', () => {
    const { hub } = hubWith();
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    const first = hub.on('request.started', listener);
    const second = hub.on('request.started', listener);
    second();
    second();
    hub.emit('request.started', { ...event });
    expect(heard).toBe(1);
    first();
    expect(hub.hears('request.started')).toBe(false);
  });

  test('for good and once with the same listener is heard once, and then for good', () => {
    for (const order of [['on', 'once'] as const, ['once', 'on'] as const]) {
      const { hub } = hubWith();
      let heard = 0;
      const listener = () => {
        heard += 1;
      };
      const [forGood] = order
        .map((how) => ({ how, undo: hub[how]('request.started', listener) }))
        .filter(({ how }) => how === 'on');
      hub.emit('request.started', { ...event });
      hub.emit('request.started', { ...event });
      expect(heard).toBe(2);
      forGood?.undo();
      expect(hub.hears('request.started')).toBe(false);
    }
  });

  test('undone after off or clear leaves a later listening alone', () => {
    const { hub } = hubWith();
    const listener = () => undefined;
    for (const end of [() => hub.off('request.started', listener), () => hub.clear()]) {
      const undo = hub.on('request.started', listener);
      end();
      hub.on('request.started', listener);
      undo();
      expect(hub.hears('request.started')).toBe(true);
      hub.clear();
    }
  });

  test('once hears no event that it hands out itself', () => {
    const { hub } = hubWith();
    let heard = 0;
    hub.once('request.started', () => {
      heard += 1;
      hub.emit('request.started', { ...event });
    });
    hub.emit('request.started', { ...event });
    expect(heard).toBe(1);
  });

  test('to one event with a listener of another ends apart', () => {
    const { hub } = hubWith();
    const listener = () => undefined;
    hub.on('request.started', listener);
    hub.on('request.failed', listener);
    hub.off('request.started', listener);
    expect([hub.hears('request.started'), hub.hears('request.failed')]).toEqual([false, true]);
    hub.off('request.started', () => undefined);
  });

  test('payloads are frozen', () => {
    const { hub } = hubWith();
    hub.on('request.started', (heard) => expect(Object.isFrozen(heard)).toBe(true));
    hub.emit('request.started', { ...event });
    expect.assertions(1);
  });

  test('clear forgets everybody', () => {
    const { hub } = hubWith();
    hub.on('request.started', () => undefined);
    hub.clear();
    expect(hub.hears('request.started')).toBe(false);
  });
});

test('that somebody begins to hear an event, and that nobody does any more, is told', () => {
  const { hub } = hubWith();
  const told: boolean[] = [];
  const before = hub.on('alert', () => undefined);
  hub.whenHeard('alert', (isHeard) => told.push(isHeard));
  const undo = hub.on('alert', () => undefined);
  hub.on('request.started', () => undefined)();
  before();
  expect(told.at(-1)).toBe(true);
  undo();
  expect(told.at(-1)).toBe(false);
  hub.once('alert', () => undefined);
  expect(told.at(-1)).toBe(true);
  hub.clear();
  expect(told.at(-1)).toBe(false);
});

test('who only overhears an event is told of it, and nobody goes to any trouble for that', () => {
  const { hub } = hubWith();
  const told: boolean[] = [];
  const heard: string[] = [];
  hub.whenHeard('alert', (isHeard) => told.push(isHeard));
  const end = hub.overhear('alert', ({ text }) => heard.push(text));
  expect([told.at(-1), hub.hears('alert')]).toEqual([false, true]);
  hub.emit('alert', { text: 'something is wrong' } as RouterEvents['alert']);
  expect(heard).toEqual(['something is wrong']);
  const undo = hub.on('alert', () => undefined);
  expect(told.at(-1)).toBe(true);
  undo();
  expect(told.at(-1)).toBe(false);
  end();
  expect(hub.hears('alert')).toBe(false);
});

describe('a listener that fails', () => {
  const fail = () => {
    throw new Error('a bug in a listener');
  };
  const reject = () => Promise.reject(new Error('a bug in a listener'));

  test.each([
    ['throws', fail],
    ['rejects', reject],
  ])('because it %s stops nobody, and is reported as listener.failed', async (_, listener) => {
    const { hub, complaints } = hubWith();
    const trail: unknown[] = [];
    hub.on('request.started', listener);
    hub.on('request.started', () => trail.push('the next'));
    hub.on('listener.failed', (failed) => trail.push(failed));
    hub.emit('request.started', { ...event });
    await settled();
    expect(trail).toHaveLength(2);
    expect(trail).toContainEqual({ at: 7, event: 'request.started', message: 'a bug in a listener' });
    expect(trail).toContain('the next');
    expect(complaints).toEqual([]);
  });

  test('is complained of when nobody hears listener.failed', async () => {
    const { hub, complaints } = hubWith();
    hub.on('request.started', fail);
    hub.on('request.started', reject);
    hub.emit('request.started', { ...event });
    await settled();
    expect(complaints).toHaveLength(2);
    expect(complaints[0]?.[0]).toBe('A listener of "request.started" failed; that changed nothing else.');
  });

  test('of listener.failed itself is complained of, and does not go round', () => {
    const { hub, complaints } = hubWith();
    let rounds = 0;
    hub.on('request.started', fail);
    hub.on('listener.failed', () => {
      rounds += 1;
      fail();
    });
    hub.emit('request.started', { ...event });
    expect([rounds, complaints.length]).toEqual([1, 1]);
  });

  test('once is gone all the same', () => {
    const { hub, complaints } = hubWith();
    hub.once('request.started', fail);
    hub.emit('request.started', { ...event });
    hub.emit('request.started', { ...event });
    expect(complaints).toHaveLength(1);
  });
});

// Told as listener.failed, what has no text form threw once more, out of emit and into the caller's own call.
test('what a listener throws harms nobody, whatever it is', async () => {
  const unreadable = Object.defineProperty(new Error(), 'message', { get: () => fail('nobody may read it') });
  const fail = (message: string) => {
    throw new Error(message);
  };
  for (const thrown of [Object.create(null), Symbol('a symbol'), unreadable, undefined]) {
    const { hub } = hubWith();
    const failed: RouterEvents['listener.failed'][] = [];
    hub.on('listener.failed', (event) => failed.push(event));
    hub.on('request.started', () => {
      throw thrown;
    });
    hub.emit('request.started', { ...event });
    expect(failed).toMatchObject([{ event: 'request.started', message: expect.any(String) }]);
  }
});

// A listener gave back the promise of another library; its rejection was told nobody, and some of those end the process.
test('a promise of another kind that rejects is heard too, and one whose then throws', async () => {
  const { hub, complaints } = hubWith();
  const foreign = {
    // biome-ignore lint/suspicious/noThenProperty: That is what makes it a promise.
    then: (_: unknown, rejected: (error: unknown) => void) => rejected('refused'),
  };
  const broken = {
    // biome-ignore lint/suspicious/noThenProperty: That is what makes it a promise.
    then: () => {
      throw new Error('broken');
    },
  };
  for (const returned of [foreign, broken]) hub.on('request.started', () => returned);
  hub.emit('request.started', { ...event });
  expect(complaints.map(([, error]) => error)).toEqual(['refused', new Error('broken')]);
});

describe('while an event is handed out', () => {
  test('listeners may come and go: the newcomers hear the next one', () => {
    const { hub } = hubWith();
    const trail: string[] = [];
    const last = () => trail.push('last');
    hub.on('request.started', () => {
      trail.push('first');
      hub.off('request.started', last);
      hub.once('request.started', () => trail.push('newcomer'));
    });
    hub.on('request.started', () => trail.push('second'));
    hub.on('request.started', last);
    hub.emit('request.started', { ...event });
    expect(trail.filter((one) => one !== 'last')).toEqual(['first', 'second']);
    trail.length = 0;
    hub.emit('request.started', { ...event });
    expect(trail).toEqual(['first', 'second', 'newcomer']);
  });

  test('another may be handed out', () => {
    const { hub } = hubWith();
    const trail: string[] = [];
    hub.on('request.started', () => {
      trail.push('started');
      hub.emit('request.failed', { at: 1, kind: 'auth', attempts: 1, durationMs: 1 });
      trail.push('still started');
    });
    hub.on('request.failed', ({ kind }) => trail.push(kind));
    hub.emit('request.started', { ...event });
    expect(trail).toEqual(['started', 'auth', 'still started']);
  });
});
