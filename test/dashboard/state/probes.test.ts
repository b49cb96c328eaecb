import { recordDashboard } from '@breakwater/dashboard';
import { expect, test } from 'vitest';
import { start } from '../../client/setup.js';

// Regions were made of targets, and targets of calls: the page of a client that was only probed was empty.
test('an endpoint that nobody was asked at is shown with what probes found of it', async () => {
  const { client, simulator } = await start({ router: { health: { mode: 'passive', fall: 2 } } });
  const recording = recordDashboard(client);
  expect(recording.state().regions).toEqual({
    seoul: { targets: 0, ready: 0, inFlight: 0 },
    tokyo: { targets: 0, ready: 0, inFlight: 0 },
  });
  await client.router.checkHealth();
  simulator.region('seoul').fault({ kind: 'status', status: 503 });
  await client.router.checkHealth();
  const { seoul, tokyo } = recording.state().regions;
  const probe = { at: expect.any(Number), leastMs: expect.any(Number), p50Ms: expect.any(Number) };
  expect(seoul).toMatchObject({ probe: { ...probe, verdict: 'bad', status: 503, isDown: false } });
  expect(tokyo).toMatchObject({ probe: { ...probe, verdict: 'good', status: 200, isDown: false } });
  expect(tokyo?.rttMs).toBe(Math.round(tokyo?.probe?.leastMs ?? -1));
  await client.router.checkHealth();
  expect(recording.state().regions.seoul?.probe?.isDown).toBe(true);
});

test('a call that is answered ends what probes said', async () => {
  const { client, simulator } = await start({ router: { health: { mode: 'passive', fall: 1 } } });
  const recording = recordDashboard(client);
  const heal = simulator.region('seoul').fault({ kind: 'status', status: 503 });
  await client.router.checkHealth();
  expect(recording.state().regions.seoul?.probe?.isDown).toBe(true);
  heal();
  await client.chat.completions.create(
    { model: 'gpt-4.1', messages: [{ role: 'user', content: 'echo: hello' }] },
    { router: { only: ['seoul'] } },
  );
  expect(recording.state().regions.seoul).toMatchObject({ targets: 1, probe: { verdict: 'bad', isDown: false } });
});
