import { describe, expect, test } from 'vitest';
import { bytesOf, readerOf } from '../../../packages/client/src/stream/chunks.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const iterable = (body: AsyncIterable<unknown>) => readerOf(body as unknown as Response['body']);

test('a chunk is bytes, a buffer or a text', () => {
  const chunk = bytes('hé');
  expect(bytesOf(chunk)).toBe(chunk);
  expect(bytesOf(chunk.buffer as ArrayBuffer)).toEqual(chunk);
  expect(bytesOf('hé')).toEqual(chunk);
});

describe('a body that can only be iterated', () => {
  test('is read to its end', async () => {
    const reader = iterable(
      (async function* () {
        yield 'a';
        yield 'b';
      })(),
    );
    expect(await reader?.read()).toEqual({ done: false, value: 'a' });
    expect(await reader?.read()).toEqual({ done: false, value: 'b' });
    expect(await reader?.read()).toEqual({ done: true });
  });

  test('breaks as it breaks', async () => {
    const reader = iterable(
      (async function* () {
        yield await Promise.reject(new Error('ECONNRESET'));
      })(),
    );
    await expect(reader?.read()).rejects.toThrow('ECONNRESET');
  });

  // A generator can be left only between two chunks: a stream of node-fetch that fell silent was waited for all the same, for ever.
  test('is left at once, also in the middle of a read', async () => {
    const reader = iterable(
      (async function* () {
        yield 'a';
        await new Promise(() => {});
      })(),
    );
    await reader?.read();
    const reading = reader?.read();
    void reader?.cancel();
    expect(await reading).toEqual({ done: true });
  });
});

test('what can be neither read nor iterated has no reader', () => {
  expect(readerOf(null)).toBeUndefined();
  expect(readerOf({} as Response['body'])).toBeUndefined();
});
