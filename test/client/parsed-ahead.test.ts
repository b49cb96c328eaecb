import OpenAI from 'breakwater';
import { describe, expect, test, vi } from 'vitest';
import { question } from './setup.js';
import { hello, stub } from './stub.js';

const endpoints = ['a', 'b'].map((id) => ({ id, baseURL: `https://${id}.test/v1`, apiKey: `sk-${id}` }));
const common = { apiKey: 'sk-own', logLevel: 'off' as const, router: { routing: 'priority' as const, endpoints } };

// Each answer was parsed to see whether it is one, and then again for the caller: as much work as all the rest of the router.
test('an answer is parsed once, and is what the official client makes of it', async () => {
  const { fetch } = stub(() => new Response(JSON.stringify({ choices: [{}], n: 1 }), { headers: JSON_HEADERS }));
  const client = new OpenAI({ ...common, fetch });
  const parse = vi.spyOn(JSON, 'parse');
  const promise = client.chat.completions.create(question());
  const answer = await promise;
  const parsed = parse.mock.calls.length;
  parse.mockRestore();
  expect(parsed).toBe(1);
  expect(answer).toEqual({ choices: [{}], n: 1 });
  expect(answer._request_id).toBe('req_1');
  expect(Object.keys(answer)).not.toContain('_request_id');
  const response = await promise.asResponse();
  expect(response.bodyUsed).toBe(true);
  await expect(response.text()).rejects.toThrow(TypeError);
});

const JSON_HEADERS = { 'content-type': 'application/json', 'x-request-id': 'req_1' };

describe('an answer that is read by hand', () => {
  const ask = () => {
    const { fetch } = stub(() => new Response('{"choices":[{}]}', { headers: JSON_HEADERS }));
    return new OpenAI({ ...common, fetch }).chat.completions.create(question());
  };

  test('can be read, and then it has been read', async () => {
    const promise = ask();
    const response = await promise.asResponse();
    expect(await response.json()).toEqual({ choices: [{}] });
    await expect(promise).rejects.toThrow(TypeError);
  });

  test('has a copy that can be read beside it', async () => {
    const promise = ask();
    const response = await promise.asResponse();
    expect(await response.clone().json()).toEqual({ choices: [{}] });
    expect(await promise).toEqual({ choices: [{}] });
  });
});

test('an answer that is wanted as it came is handed over as it came', async () => {
  const { fetch } = stub(hello);
  const client = new OpenAI({ ...common, fetch });
  const options = { body: question(), __binaryResponse: true };
  const answer: unknown = await client.post('/chat/completions', options as never);
  expect(answer).toBeInstanceOf(Response);
  expect(await (answer as Response).json()).toMatchObject({ choices: [{}] });
});
