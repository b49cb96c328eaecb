import { expect, test } from 'vitest';
import {
  type CandidateView,
  type ChoiceRequest,
  type OwnStrategy,
  own,
} from '../../../packages/core/src/routing/own.js';
import { occasion, picks, town } from './town.js';

const candidates = town({ seoul: { expectedMs: 900, region: 'asia' }, tokyo: { expectedMs: 800, tier: 0, weight: 2 } });

/** A strategy, and everything it complained of. */
function listening(choose: OwnStrategy) {
  const complaints: { message: string; error: unknown }[] = [];
  return { complaints, strategy: own(choose, (message, error) => void complaints.push({ message, error })) };
}

test('the id it names is asked, or the candidate it hands back', () => {
  const byId = listening(() => 'seoul');
  const byView = listening(([first]) => first as CandidateView);
  expect([byId, byView].map(({ strategy }) => strategy.pick(candidates, occasion()).id)).toEqual(['seoul', 'seoul']);
  expect([...byId.complaints, ...byView.complaints]).toEqual([]);
});

test('it sees what is known, frozen, and nothing that it could break', () => {
  let seen: { views: readonly CandidateView[]; request: ChoiceRequest } | undefined;
  const { strategy } = listening((views, request) => {
    seen = { views, request };
    return 'tokyo';
  });
  strategy.pick(candidates, occasion(1, { streamed: true, stickyKey: 'a conversation' }));
  expect(seen?.views[0]).toEqual({
    ...{ id: 'seoul', region: 'asia', tier: 0, weight: 1, rttMs: 20, expectedMs: 900, averageMs: 900 },
    ...{ successRate: 1, inFlight: 0, capacity: Number.POSITIVE_INFINITY, samples: 9 },
  });
  expect(seen?.request).toMatchObject({ streamed: true, stickyKey: 'a conversation' });
  expect([seen?.views, seen?.views[0], seen?.request].every((one) => Object.isFrozen(one))).toBe(true);
});

test('when it throws the adaptive strategy chooses, and the fault is told once', () => {
  const fault = new Error('no');
  const { strategy, complaints } = listening(() => {
    throw fault;
  });
  expect(picks(strategy, candidates, 3)).toEqual(['tokyo', 'tokyo', 'tokyo']);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toMatchObject({ error: fault, message: expect.stringContaining('routing.strategy threw') });
});

const NO_CANDIDATES: readonly unknown[] = [
  undefined,
  null,
  7,
  '',
  'osaka',
  {},
  { id: 'osaka' },
  Object.defineProperty({}, 'id', {
    get: () => {
      throw new Error('no id');
    },
  }),
];

test.each(NO_CANDIDATES.map((answer) => [answer]))(
  'an answer that names no candidate (case %#) is told once',
  (answer) => {
    const { strategy, complaints } = listening(() => answer as string);
    expect(picks(strategy, candidates, 2)).toEqual(['tokyo', 'tokyo']);
    expect(complaints.map(({ message }) => message)).toEqual([expect.stringContaining('named no candidate')]);
  },
);

// A rejection that nobody hears ends a Node process.
test('a promise is refused, and what it is rejected with is heard', async () => {
  const { strategy, complaints } = listening((async () => {
    throw new Error('late');
  }) as unknown as OwnStrategy);
  expect(strategy.pick(candidates, occasion()).id).toBe('tokyo');
  await Promise.resolve();
  expect(complaints.map(({ message }) => message)).toEqual([expect.stringContaining('choose at once')]);
});
