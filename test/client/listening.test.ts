import OpenAI, { AzureOpenAI, createFetch, isOptionsError, type OptionsError } from 'breakwater';
import { describe, expect, test } from 'vitest';

/** The three methods as plain JavaScript sees them: anything can be handed in. */
interface Loose {
  on(...given: unknown[]): unknown;
  once(...given: unknown[]): unknown;
  off(...given: unknown[]): unknown;
}

const LISTENING: readonly (readonly [what: string, make: () => unknown])[] = [
  ['client', () => new OpenAI({ apiKey: 'k', router: {} })],
  ['client', () => new AzureOpenAI({ apiKey: 'k', apiVersion: 'v1', endpoint: 'https://home.test', router: {} })],
  ['fetch', () => createFetch()],
];

function faultsOf(listen: () => unknown): readonly string[] {
  try {
    listen();
    return [];
  } catch (error) {
    expect(isOptionsError(error)).toBe(true);
    return (error as OptionsError).faults;
  }
}

// Somebody listened to "failovers" in plain JavaScript for a week, and took the silence for good news.
describe.each(LISTENING)('%s.on, once and off', (what, make) => {
  const loose = make() as Loose;
  const listener = () => undefined;

  test.each(['on', 'once', 'off'] as const)('refuse what is no event and what is no listener: %s', (how) => {
    expect(faultsOf(() => loose[how]('failovers', listener))).toEqual([
      `${what}.${how} takes the name of an event, which "failovers" is not; did you mean "failover"?`,
    ]);
    expect(faultsOf(() => loose[how]('failover'))).toEqual([
      `${what}.${how} takes a listener, which must be a function, but is undefined`,
    ]);
    expect(faultsOf(() => loose[how](null, listener))[0]).toMatch(/takes the name of an event, which null is not/);
    expect(faultsOf(() => loose[how]('failover', listener))).toEqual([]);
  });
});
