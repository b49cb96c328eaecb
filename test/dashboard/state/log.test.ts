import { expect, test } from 'vitest';
import { EventLog } from '../../../packages/dashboard/src/state/log.js';

const note = (title: string, at: number) =>
  ({ name: 'failover', tone: 'warn', title, detail: `at ${at}`, at }) as const;

test('what repeats itself within seconds is counted, among others too', () => {
  const log = new EventLog();
  for (let at = 0; at < 3_000; at += 1_000) {
    log.add(note('a → b', at));
    log.add(note('b → c', at));
  }
  expect(log.read().map(({ title, count, detail }) => `${title} ${count} ${detail}`)).toEqual([
    'a → b 3 at 2000',
    'b → c 3 at 2000',
  ]);
  log.add(note('a → b', 9_000));
  expect(log.read()).toHaveLength(3);
});

test('who asks for what is new gets what has changed as well', () => {
  const log = new EventLog();
  log.add(note('a → b', 0));
  log.add(note('b → c', 0));
  const { seq } = log;
  log.add(note('a → b', 1));
  expect(log.read(seq)).toEqual([{ ...note('a → b', 0), detail: 'at 1', id: 1, seq: 3, count: 2 }]);
});

test('the last two hundred are kept', () => {
  const log = new EventLog();
  for (let index = 0; index < 1_000; index += 1) log.add(note(`number ${index}`, index));
  expect(
    log
      .read()
      .map(({ title }) => title)
      .slice(-1),
  ).toEqual(['number 999']);
  expect(log.read()).toHaveLength(200);
});
