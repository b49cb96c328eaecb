import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildOnce, runExample, WORKSPACE } from './child.js';

/** What each example prints, in parts that do not depend on chance. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  '01-drop-in.ts': ['answer: hello from the harbour', 'an official client: true', 'not found: true'],
  '02-two-regions.ts': [
    'both regions are up: seoul/gpt-4.1 ok',
    'seoul refuses connections: seoul/gpt-4.1 connect, then tokyo/gpt-4.1 ok',
    'seoul is back: seoul/gpt-4.1 ok',
  ],
  '03-fallback-models.ts': [
    'all is well:     gpt-4.1 (gpt-4.1 ok)',
    'gemini-2.5-flash (gpt-4.1 rate_limit, claude-sonnet-4-5 not_found, gemini-2.5-flash ok)',
    'while it rests:  gemini-2.5-flash (gemini-2.5-flash ok)',
    'gpt-4.1 cooling, claude-sonnet-4-5 quarantined, gemini-2.5-flash ready',
  ],
  '04-streams.ts': [
    'a slow first token:  "one two three four five" from tokyo/gpt-4.1',
    'cut before a word:   "one two three four five" from tokyo/gpt-4.1',
    'cut after 3 tokens:  "one two three four five" from tokyo/gpt-4.1',
    'not to be rescued:   StreamInterruptedError with "one two three"',
  ],
  '05-events.ts': [
    'a listener of request.started failed: my dashboard is down',
    'failover: seoul/gpt-4.1 -> tokyo/gpt-4.1 (500)',
    'breaker opened: seoul/gpt-4.1 (3 failures in a row)',
    '5 answered, 8 attempts, 3 failovers, fallback rate 1',
  ],
  '06-timeouts-and-retries.ts': [
    'silence:           seoul/gpt-4.1 attempt_timeout, tokyo/gpt-4.1 ok',
    'a 500, no way out: seoul/gpt-4.1 server_error, seoul/gpt-4.1 ok',
    'a short 429:       seoul/gpt-4.1 rate_limit, tokyo/gpt-4.1 ok',
    'while it rests:    seoul/gpt-4.1 ok',
    'silence all over:  seoul/gpt-4.1 attempt_timeout, tokyo/gpt-4.1 attempt_timeout: AttemptTimeoutError',
  ],
  '07-last-resort.ts': [
    'model: all is well',
    'canned: Our prices are at example.com/prices.',
    'canned: Hello! I can only give short answers right now.',
    'canned: We are having trouble. Please try again in a minute.',
  ],
  '08-azure.ts': [
    'korea/gpt-4.1: /openai/deployments/my-deployment/chat/completions',
    'japan/gpt-4.1: /openai/deployments/gpt-4.1/chat/completions',
    'elsewhere/gpt-4.1: /v1/chat/completions',
    'azure/gpt-4.1: /openai/deployments/gpt-4.1/chat/completions',
  ],
  '09-other-sdks.ts': [
    'generateText: all is well',
    'failover: seoul/gpt-4.1 -> tokyo/gpt-4.1 (connect)',
    'streamText: seoul is gone and nobody noticed',
  ],
  '10-tests-with-the-simulator.ts': [
    'ok: a 503 costs one attempt, and the next region answers',
    "ok: the caller's own mistake is sent once and thrown as it is",
    'ok: the key of one region never reaches another',
  ],
};

beforeAll(buildOnce, 60_000);

test('every numbered example is expected to print something', () => {
  const numbered = readdirSync(join(WORKSPACE, 'examples')).filter((name) => /^\d/.test(name));
  expect(numbered.sort()).toEqual(Object.keys(EXPECTED));
});

describe.concurrent('an example, run as it is,', () => {
  test.each(Object.keys(EXPECTED))('%s, prints what it promises and exits 0', async (name) => {
    const { exitCode, stdout, stderr } = await runExample(name);
    expect(stderr).toBe('');
    for (const line of EXPECTED[name] ?? []) expect(stdout).toContain(line);
    expect(exitCode).toBe(0);
  });
});
