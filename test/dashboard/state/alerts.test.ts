import { expect, test } from 'vitest';
import { Alerts } from '../../../packages/dashboard/src/state/alerts.js';

test('an alert is one, from its beginning to its end', () => {
  const alerts = new Alerts();
  const told = { incident: 'i1', rule: 'openings', text: 'opened three times', target: 'seoul/m', since: 1_000 };
  alerts.told({ ...told, at: 1_000, state: 'firing' });
  expect(alerts.read()).toEqual([
    { at: 1_000, title: 'openings: seoul/m', detail: 'opened three times', isOver: false },
  ]);
  alerts.told({ ...told, at: 5_000, state: 'resolved', text: 'closed again' });
  expect(alerts.read()).toEqual([{ at: 1_000, title: 'openings: seoul/m', detail: 'closed again', isOver: true }]);
});

test('of many, those that are over are forgotten first', () => {
  const alerts = new Alerts();
  alerts.told({ at: 0, incident: 'first', rule: 'errorRate', state: 'firing' });
  for (let at = 1; at < 30; at += 1) alerts.told({ at, incident: `i${at}`, rule: 'quota', state: 'resolved' });
  expect(alerts.read()).toHaveLength(20);
  expect(alerts.read()[0]?.title).toBe('error rate');
});
