import { mock } from 'node:test';
import { OPEN_MS } from './guards.ts';
import { must, type Play, type Scenario } from './play.ts';

const HOUR = 3_600_000;

/** Longer than the longest wait of any guard here. */
const LONGER = 60_000;

class StatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

const isCallersFault = (error: unknown) => error instanceof StatusError && error.status < 500;
const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';

/** A call from before the opening, the guard open, and its first probe under way. */
async function withLateCall(play: Play) {
  const late = await play.begin();
  await play.open();
  const probe = await play.probe(OPEN_MS);
  return { late, probe };
}

/** When the guard lets a call through that is polled every 10 ms, after the dice fell high when it opened. */
async function admittedAt(play: Play, diceAfterwards: number): Promise<number> {
  const dice = mock.method(Math, 'random', () => 0.9);
  await play.open();
  dice.mock.mockImplementation(() => diceAfterwards);
  let waitedMs = 0;
  for (let made = false; !made && waitedMs < LONGER; made = (await play.begin()).hasBegun) {
    await play.time.advance(10);
    waitedMs += 10;
  }
  dice.mock.restore();
  must(waitedMs >= OPEN_MS / 2 && waitedMs < LONGER, 'it waits, and not for ever');
  return waitedMs;
}

/** The situations in which known breakers went wrong. */
export const SCENARIOS: readonly Scenario[] = [
  {
    what: 'a late success closes half-open',
    knownFrom: 'opossum',
    settings: {},
    isWell: async (play) => {
      const { late } = await withLateCall(play);
      await late.succeed();
      return play.guard.state === 'half-open';
    },
  },
  {
    what: 'a late failure re-opens half-open',
    knownFrom: 'cockatiel',
    settings: {},
    isWell: async (play) => {
      const { late } = await withLateCall(play);
      await late.fail();
      return play.guard.state === 'half-open';
    },
  },
  {
    what: 'one hung probe, and nobody is let in for an hour',
    knownFrom: 'opossum',
    settings: {},
    isWell: async (play) => {
      await play.open();
      await play.probe(OPEN_MS);
      await play.time.advance(HOUR);
      return (await play.healthy()).outcome === 'done';
    },
  },
  {
    what: 'its own capacity rejections open it',
    knownFrom: 'opossum',
    settings: { capacity: 1 },
    isWell: async (play) => {
      const calls = await Promise.all(Array.from({ length: 20 }, () => play.begin()));
      must(calls.filter(({ outcome }) => outcome === 'running').length === 1, 'there is room for one call');
      return play.guard.state === 'closed';
    },
  },
  {
    what: 'a filtered 400 closes half-open',
    knownFrom: 'opossum',
    settings: { ignores: isCallersFault },
    isWell: async (play) => {
      await play.open(new StatusError(503));
      await (await play.probe(OPEN_MS)).fail(new StatusError(400));
      return play.guard.state === 'half-open' && (await play.begin()).hasBegun;
    },
  },
  {
    what: 'an aborted probe closes it',
    knownFrom: 'cockatiel, Polly',
    settings: { ignores: isAbort },
    isWell: async (play) => {
      await play.open();
      const caller = new AbortController();
      const probe = await play.probe(OPEN_MS, caller.signal);
      caller.abort();
      await probe.fail(caller.signal.reason);
      return play.guard.state === 'half-open' && (await play.begin()).hasBegun;
    },
  },
  {
    what: '4 failures, an idle hour and 1 failure open a 30 s window of 5',
    knownFrom: 'cockatiel, Fluxgate',
    settings: { window: { ms: 30_000, least: 5 } },
    isWell: async (play, another) => {
      const control = another();
      for (let i = 0; i < 5; i += 1) await control.failing();
      must(control.guard.state === 'open', 'five failures in a row open it');
      for (let i = 0; i < 4; i += 1) await play.failing();
      await play.time.advance(HOUR);
      await play.failing();
      return play.guard.state === 'closed';
    },
  },
  {
    what: 'it stays open when the wall clock is set back an hour',
    knownFrom: 'cockatiel',
    settings: {},
    isWell: async (play) => {
      await play.open();
      play.time.setBack(HOUR);
      await play.time.advance(OPEN_MS);
      return (await play.healthy()).outcome === 'done';
    },
  },
  {
    what: 'a hundred callers are a hundred probes',
    knownFrom: 'Fluxgate',
    settings: {},
    isWell: async (play) => {
      await play.open();
      await play.time.advance(OPEN_MS);
      const calls = await Promise.all(Array.from({ length: 100 }, () => play.begin()));
      return calls.filter(({ hasBegun }) => hasBegun).length === 1;
    },
  },
  {
    what: 'jitter is drawn anew at every poll',
    knownFrom: 'Fluxgate',
    settings: { hasJitter: true },
    isWell: async (play, another) => (await admittedAt(play, 0)) === (await admittedAt(another(), 0.9)),
  },
  {
    what: 'the wait is no number after 1 024 re-openings',
    knownFrom: 'Fluxgate',
    settings: { hasJitter: true },
    isWell: async (play) => {
      await play.open();
      for (let i = 0; i < 1_100; i += 1) await (await play.probe(LONGER)).fail();
      const atOnce = await play.begin();
      await play.time.advance(LONGER);
      return atOnce.outcome === 'refused' && (await play.healthy()).outcome === 'done';
    },
  },
  {
    what: 'a probe of an earlier half-open time makes room for one more',
    knownFrom: 'resilience4j',
    settings: { probes: 2, ignores: isCallersFault },
    isWell: async (play) => {
      await play.open();
      const old = await play.probe(OPEN_MS);
      await play.failing();
      must(play.guard.state === 'open', 'a failed probe opens it again');
      await play.probe(LONGER);
      must((await play.begin()).hasBegun, 'there is room for two');
      await old.fail(new StatusError(400));
      return play.guard.state === 'half-open' && !(await play.begin()).hasBegun;
    },
  },
];
