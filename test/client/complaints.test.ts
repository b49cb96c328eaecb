import OpenAI, { type ClientOptions } from 'breakwater';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { question } from './setup.js';
import { hello, stub } from './stub.js';

/** What is complained of on the console when a listener throws. */
async function complaints(options: ClientOptions): Promise<readonly string[]> {
  const said: string[] = [];
  const spy = vi.spyOn(console, 'warn').mockImplementation((...parts) => void said.push(parts.join(' ')));
  onTestFinished(() => spy.mockRestore());
  const { fetch } = stub(hello);
  const client = new OpenAI({ apiKey: 'k', baseURL: 'https://a.test/v1', fetch, router: {}, ...options });
  client.on('attempt.started', () => {
    throw new Error('boo');
  });
  await client.chat.completions.create(question());
  return said;
}

// Who had silenced the official client heard us on the console.
describe("complaints keep to the client's logLevel", () => {
  test.each(['off', 'error'] as const)('%s shows none', async (logLevel) => {
    expect(await complaints({ logLevel })).toEqual([]);
  });

  test.each(['warn', undefined] as const)('%s shows them', async (logLevel) => {
    expect(await complaints({ logLevel })).toEqual([expect.stringContaining('boo')]);
  });

  test('and to its logger', async () => {
    const heard: string[] = [];
    const quiet = () => undefined;
    const logger = { error: quiet, info: quiet, debug: quiet, warn: (text: string) => heard.push(text) };
    expect(await complaints({ logger, logLevel: 'warn' })).toEqual([]);
    expect(heard).toEqual([expect.stringContaining('boo')]);
    expect(await complaints({ logger, logLevel: 'off' })).toEqual([]);
    expect(heard).toHaveLength(1);
  });
});
