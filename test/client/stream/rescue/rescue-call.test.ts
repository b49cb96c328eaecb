import { expect, test } from 'vitest';
import type { Wire } from '../../../../packages/client/src/request/wire.js';
import { type PlainCall, RescueCall } from '../../../../packages/client/src/stream/rescue/rescue-call.js';

const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true };
const wire = { url: '/chat/completions', init: {}, facts: { body }, reading: { resource: 'chat.completions' } };

/** A call for the rest of an answer, whose plain calls estimate the letters of what they send. */
function callFor(text: string | undefined): RescueCall {
  const callOf = (sent: Wire) => {
    const estimate = () => ({ input: String(sent.init.body).length, maxOutput: undefined });
    return { estimate, stickyKey: 'team-a', contentPolicyFallbacks: ['other'] } as unknown as PlainCall;
  };
  const delivered = text === undefined ? undefined : { text, tokens: 1, leastTokens: 1, common: {} };
  return new RescueCall({
    ...({ wire, terms: { router: {} }, harbour: {}, callOf } as unknown as ConstructorParameters<typeof RescueCall>[0]),
    ...{ continues: { requestId: 'r', attempts: 1 }, signal: new AbortController().signal, timeoutMs: 1, failed: [] },
    delivered: delivered && { ...delivered, resource: 'chat.completions' },
  });
}

// Limits set aside the tokens of the question alone, and whoever went on read the answer besides.
test('the call for the rest of an answer is as large as all that is asked', () => {
  const plain = callFor(undefined).estimate().input;
  expect(callFor('word '.repeat(1_000)).estimate().input).toBeGreaterThan(plain + 5_000);
});

// What had to stay at one place went anywhere at its first break, and a filter ended what another model may answer.
test('the call for the rest of an answer goes where the answer would have gone', () => {
  expect(callFor('word')).toMatchObject({ stickyKey: 'team-a', contentPolicyFallbacks: ['other'] });
});
