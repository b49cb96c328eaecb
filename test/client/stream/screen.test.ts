import { afterEach, expect, test, vi } from 'vitest';
import { Screen } from '../../../packages/client/src/stream/screen.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (chunk: Uint8Array) => new TextDecoder().decode(chunk);
const word = (content: string, end = '') =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}${end}\n\n`;

afterEach(() => vi.restoreAllMocks());

// A whole answer in one packet was parsed event by event, because its first one was not known yet.
test('of events that end alike one is parsed, however many come at once', () => {
  const parse = vi.spyOn(JSON, 'parse');
  const screen = new Screen('chat.completions');
  const all = Array.from({ length: 500 }, (_, at) => word(` word${at}`)).join('');
  expect(read(screen.push(bytes(all)))).toBe(all);
  expect(parse).toHaveBeenCalledTimes(1);
  expect(read(screen.push(bytes(word(' more'))))).toBe(word(' more'));
  expect(parse).toHaveBeenCalledTimes(1);
});

test('what cannot be read is left out wherever it stands in a packet, and counted', () => {
  const cut = 'data: {"choices":[{"index":0,"del\n\n';
  const heard: number[] = [];
  for (const events of [
    [cut, word('a'), word('b')],
    [word('a'), cut, cut, word('b')],
    [word('a'), word('b'), cut],
  ]) {
    const screen = new Screen('chat.completions');
    expect(read(screen.push(bytes(events.join(''))))).toBe(word('a') + word('b'));
    screen.tellMalformed((count) => heard.push(count));
  }
  expect(heard).toEqual([1, 2, 1]);
});
