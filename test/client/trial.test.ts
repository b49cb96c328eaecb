import OpenAI, { isStreamInterruptedError, type NoTargetError, OptionsError, routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, question, start } from './setup.js';

// What a first trial by somebody new stumbled over.
describe('a first trial', () => {
  test('lost calls to a region that fails one call in four, too few for its breaker: now it loses none', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'status', status: 500, probability: 0.25 });
    for (let i = 0; i < 200; i += 1) {
      expect((await client.chat.completions.create(question())).choices.length).toBe(1);
    }
  });

  test.each([5, true, [], {}, { choices: [] }])('took %j from lastResort for an answer', async (nonsense) => {
    const complaints: string[] = [];
    const logger = { error() {}, info() {}, debug() {}, warn: (message: string) => complaints.push(message) };
    const lastResort = () => nonsense as object;
    const { client, seoul, tokyo } = await start({
      client: { logger, logLevel: 'warn', maxRetries: 0 },
      router: { lastResort },
    });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 500 });
    expect(await errorOf(client.chat.completions.create(question()))).toBeInstanceOf(OpenAI.InternalServerError);
    expect(complaints.join()).toMatch(/lastResort failed: lastResort must give a text, a whole answer or undefined/);
  });

  test('read "ok" in the route of a stream that broke', async () => {
    const { client, seoul } = await start({ router: { streams: { rescue: 'error' } } });
    seoul.fault({ kind: 'cut', afterTokens: 2 });
    const stream = await client.chat.completions.create({ ...question('one two three four five'), stream: true });
    const error = await errorOf(
      (async () => {
        for await (const _chunk of stream);
      })(),
    );
    expect(isStreamInterruptedError(error)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(routeOf(error)?.attempts.map(({ kind }) => kind)).toEqual(['stream_error_late']);
  });

  test('was told that every target rests, and not that its key was refused', async () => {
    const { client, seoul, tokyo } = await start({ router: { whenExhausted: 'fail' } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'unauthorized' });
    await errorOf(client.chat.completions.create(question()));
    const error = await errorOf<NoTargetError>(client.chat.completions.create(question()));
    expect(error.message).toMatch(/seoul\/gpt-4\.1 \(quarantine after auth, \d+ (?:s|min) left\)/);
  });

  test.each([
    [{ models: [] }, 'models must name at least one model'],
    [{ baseURL: 'https://a.test/v1 ' }, 'baseURL must be an http or https URL'],
    [{ headers: { 'x a': '1' } }, 'headers must have names and values that HTTP allows'],
  ])('got no complaint about %j', (given, line) => {
    const endpoints = [{ id: 'a', baseURL: 'https://a.test/v1', apiKey: 'k', ...given }];
    expect(() => new OpenAI({ apiKey: 'k', router: { endpoints } })).toThrow(OptionsError);
    expect(() => new OpenAI({ apiKey: 'k', router: { endpoints } })).toThrow(line);
  });
});
