import { describe, expect, test } from 'vitest';
import { bufferedResponse } from '../../../packages/client/src/response/buffered.js';

function buffered(text = '{"a":"ä"}', status = 200): Response {
  const original = new Response(null, { status, statusText: 'Fine', headers: { 'x-request-id': 'req_1' } });
  Object.defineProperty(original, 'url', { value: 'http://127.0.0.1/v1' });
  return bufferedResponse(text, original);
}

describe('an answer that has been read already', () => {
  test('looks like the one it came in', () => {
    const response = buffered();
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText, response.url, response.ok]).toEqual([
      200,
      'Fine',
      'http://127.0.0.1/v1',
      true,
    ]);
    expect(response.headers.get('x-request-id')).toBe('req_1');
  });

  test('can be read in every way there is', async () => {
    expect(await buffered().text()).toBe('{"a":"ä"}');
    expect(await buffered().json()).toEqual({ a: 'ä' });
    expect(Buffer.from(await buffered().arrayBuffer()).toString()).toBe('{"a":"ä"}');
    expect(await (await buffered().blob()).text()).toBe('{"a":"ä"}');
    expect(await new Response(buffered().body).text()).toBe('{"a":"ä"}');
    let read = '';
    const reader = buffered().body?.getReader();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      read += Buffer.from(part.value).toString();
    }
    expect(read).toBe('{"a":"ä"}');
  });

  test('can be read from a copy and from itself', async () => {
    const response = buffered();
    const copy = response.clone();
    expect(await Promise.all([response.text(), copy.json()])).toEqual(['{"a":"ä"}', { a: 'ä' }]);
    expect(copy.url).toBe('http://127.0.0.1/v1');
  });

  test('can be read once, like any other', async () => {
    const response = buffered();
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
    await expect(response.json()).rejects.toThrow(TypeError);
    const streamed = buffered();
    await streamed.arrayBuffer();
    await expect(streamed.text()).rejects.toThrow(TypeError);
  });

  test('rejects as ever when it is not JSON', async () => {
    await expect(buffered('<html>').json()).rejects.toThrow(SyntaxError);
  });

  test('may be empty', async () => {
    const response = buffered('', 500);
    expect([response.status, response.body, await response.text()]).toEqual([500, null, '']);
  });
});
