import { describe, expect, test } from 'vitest';
import { Ledger } from '../../../packages/core/src/spending/ledger.js';

const usage = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 };

describe('the ledger', () => {
  test('sums up what was used and what it cost, and counts what is missing or was estimated', () => {
    const ledger = new Ledger();
    ledger.add(usage, 0.1, undefined);
    ledger.add(usage, 0.2, []);
    ledger.add({ ...usage, estimated: true }, undefined, undefined);
    expect(ledger.all()).toEqual({
      inputTokens: 300,
      cachedInputTokens: 120,
      outputTokens: 30,
      costUSD: 0.3,
      unpriced: 1,
      estimated: 1,
    });
    expect(ledger.byTag()).toEqual({});
  });

  test('counts a request in full for each of its tags, but once for each', () => {
    const ledger = new Ledger();
    ledger.add(usage, 1, ['team-a', 'chat', 'team-a']);
    ledger.add(usage, 1, ['team-b', 'chat']);
    const costs = Object.entries(ledger.byTag()).map(([tag, { costUSD }]) => `${tag} ${costUSD}`);
    expect(costs).toEqual(['team-a 1', 'chat 2', 'team-b 1']);
    expect(ledger.all().costUSD).toBe(2);
  });

  // A tag for each user would otherwise fill the memory.
  test('keeps a thousand tags, and the rest together', () => {
    const ledger = new Ledger();
    for (let count = 0; count < 1_500; count += 1) ledger.add(usage, 1, [`user-${count}`]);
    ledger.add(usage, 1, ['user-0']);
    const tags = ledger.byTag();
    expect(Object.keys(tags)).toHaveLength(1_000);
    expect(tags.other?.costUSD).toBe(501);
    expect(tags['user-0']?.costUSD).toBe(2);
    expect(Object.values(tags).reduce((sum, { costUSD }) => sum + costUSD, 0)).toBe(1_501);
  });

  test('takes any name for a tag', () => {
    const ledger = new Ledger();
    ledger.add(usage, 1, ['__proto__', 'constructor']);
    expect(Object.keys(ledger.byTag())).toEqual(['__proto__', 'constructor']);
  });

  test('tells copies', () => {
    const ledger = new Ledger();
    ledger.add(usage, 1, ['a']);
    ledger.all().costUSD = 9;
    for (const sum of Object.values(ledger.byTag())) sum.costUSD = 9;
    expect([ledger.all().costUSD, ledger.byTag().a?.costUSD]).toEqual([1, 1]);
  });
});
