import { isStreamInterruptedError, type StreamInterruptedError } from 'breakwater';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { CommittedBody } from '../../../packages/client/src/stream/body.js';
import type { CommittedStream } from '../../../packages/client/src/stream/committed.js';
import { CommittedReadable } from '../../../packages/client/src/stream/readable.js';
import { errorOf } from '../setup.js';

const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"one "}}]}\n\n';
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';
const ERROR = 'data: {"error":{"code":"server_error"}}\n\n';

const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const CREATED = event('response.created', { response: { error: null } });

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body of which the first piece was read before it was handed over. */
function body(pieces: readonly string[], more: Partial<CommittedStream> & { end?: Error } = {}) {
  const { end, ...rest } = more;
  const [first = '', ...others] = pieces;
  let next = 0;
  const left: unknown[] = [];
  const reader: CommittedStream['reader'] = {
    read: async () => {
      const piece = others[next++];
      if (piece !== undefined) return { done: false, value: bytes(piece) };
      if (end) throw end;
      return { done: true };
    },
    cancel: async (reason) => void left.push(reason),
  };
  const stream: CommittedStream = {
    reader,
    chunks: [bytes(first)],
    resource: 'chat.completions',
    target: 'a/b',
    hasContent: true,
    signal: new AbortController().signal,
    ...rest,
  };
  return { body: new CommittedBody(stream), left };
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of source) text += Buffer.from(piece).toString();
  return text;
}

describe('a stream ends well', () => {
  test.each<[string, string[], Error | undefined]>([
    ['with its terminator', [WORD, STOP, DONE], undefined],
    ['with a finish reason and no terminator', [WORD, STOP], undefined],
    [
      'with a terminator that came in pieces',
      [WORD, STOP.slice(0, 30), `${STOP.slice(30)}data: [DO`, 'NE]\n\n'],
      undefined,
    ],
    ['with a terminator and no finish reason', [WORD, DONE], undefined],
    ['with a last event that has no blank line behind it', [WORD, STOP.trimEnd()], undefined],
    ['when the connection breaks after the terminator', [WORD, DONE], new Error('ECONNRESET')],
    ['when the connection breaks after the finish reason', [WORD, STOP], new Error('ECONNRESET')],
  ])('%s', async (_how, pieces, end) => {
    const { body: whole } = body(pieces, end ? { end } : {});
    expect(await textOf(whole)).toBe(pieces.join(''));
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
    expect(await whole.next()).toEqual({ done: true, value: undefined });
  });

  const USAGE = 'data: {"choices":[],"usage":{"total_tokens":3}}\n\n';
  const STOP_WITH_USAGE = STOP.replace('}\n\n', ',"usage":{"total_tokens":3}}\n\n');
  test.each<[string, string[], Error | undefined]>([
    ['when the connection breaks after the usage', [WORD, STOP, USAGE], new Error('ECONNRESET')],
    ['when the usage came with the finish reason', [WORD, STOP_WITH_USAGE], new Error('ECONNRESET')],
    ['when the terminator came and no usage', [WORD, STOP, DONE], new Error('ECONNRESET')],
    ['when its bytes end in order without usage', [WORD, STOP], undefined],
  ])('of which usage was asked %s', async (_how, pieces, end) => {
    const { body: whole } = body(pieces, { asksUsage: true, ...(end && { end }) });
    expect(await textOf(whole)).toBe(pieces.join(''));
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
  });

  test('of which usage was asked when the connection breaks in its terminator', async () => {
    const { body: whole } = body([WORD, STOP, 'data: [DO'], { asksUsage: true, end: new Error('ECONNRESET') });
    expect(await textOf(whole)).toBe(WORD + STOP + DONE);
  });

  test('of a resource without a known terminator when its bytes do', async () => {
    const { body: whole } = body(['data: {"type":"image"}\n\n'], { resource: 'images' });
    await textOf(whole);
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
  });

  test('for its target when the reader has had enough', async () => {
    const { body: whole, left } = body([WORD, WORD, WORD]);
    for await (const _piece of whole) break;
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
    expect(left.length).toBe(1);
    expect((await whole.next()).done).toBe(true);
  });
});

describe('a reader who leaves a stream that was handed over at its headers', () => {
  test.each([
    ['after content', [WORD, WORD], 'ok'],
    ['before any', [': hi\n\n', WORD], 'caller_abort'],
  ])('%s', async (_when, pieces, kind) => {
    const { body: left } = body(pieces, { hasContent: false });
    for await (const _piece of left) break;
    expect(await left.end.first).toMatchObject({ kind });
  });
});

// A role and a terminator are no answer: before the hand-over they were a failure, and behind it the target was told of a success.
describe('a stream handed over without content that ends with its terminator alone', () => {
  const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';

  test('is a failure of its target when the reader leaves at the terminator, as the official client does', async () => {
    const { body: empty } = body([ROLE, DONE], { hasContent: false });
    let read = 0;
    for await (const _piece of empty) if (++read === 2) break;
    expect((await empty.end.first).kind).toBe('stream_error_late');
  });

  test('is interrupted for who reads on', async () => {
    const { body: empty } = body([ROLE, DONE], { hasContent: false });
    expect(isStreamInterruptedError(await errorOf(textOf(empty)))).toBe(true);
    expect((await empty.end.first).kind).toBe('stream_error_late');
  });

  test.each([
    ['a word', WORD],
    ['a finish reason', STOP],
    ['an event larger than all that is kept', WORD.replace('one', 'x'.repeat(1_500_000))],
  ])('is none of that with %s', async (_what, piece) => {
    const { body: whole } = body([ROLE, piece, DONE], { hasContent: false });
    await textOf(whole);
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
  });
});

describe('an answer of two choices', () => {
  const of = (index: number, more: object) => `data: ${JSON.stringify({ choices: [{ index, ...more }] })}\n\n`;
  const first = of(0, { delta: { content: 'a' } }) + of(0, { delta: {}, finish_reason: 'stop' });
  const second = of(1, { delta: { content: 'b' } }) + of(1, { delta: {}, finish_reason: 'stop' });

  // The second had not begun when the connection broke, and the caller had one choice of two without an error.
  test('is cut off behind the first of them', async () => {
    const { body: cut } = body([first], { choices: 2, end: new Error('ECONNRESET') });
    expect(isStreamInterruptedError(await errorOf(textOf(cut)))).toBe(true);
  });

  test.each([
    ['with both', [first, second]],
    ['with its terminator, whatever came', [first, DONE]],
  ])('is whole %s', async (_what, pieces) => {
    const { body: whole } = body(pieces, { choices: 2 });
    await textOf(whole);
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
  });
});

// Some servers write `"finish_reason": ""` into every event: an answer that was cut off looked finished.
test('an empty finish reason is none', async () => {
  const { body: cut } = body([WORD.replace('}]', ',"finish_reason":""}]')], { end: new Error('ECONNRESET') });
  expect(isStreamInterruptedError(await errorOf(textOf(cut)))).toBe(true);
});

describe('an event that cannot be read', () => {
  const BROKEN = 'data: {"choices":[{"ind\n\n';

  test.each([
    ['broken JSON', BROKEN],
    ['no JSON at all', 'data: <html>\n\n'],
    ['no object', 'data: null\n\n'],
    ['nothing', 'data:\n\n'],
  ])('because it is %s is left out and told of', async (_what, broken) => {
    for (const pieces of [[WORD, broken, STOP, DONE], [WORD + broken + STOP + DONE], [WORD, broken + STOP, DONE]]) {
      const malformed: number[] = [];
      const { body: whole } = body(pieces, { onMalformed: (count) => void malformed.push(count) });
      expect(await textOf(whole)).toBe(WORD + STOP + DONE);
      expect(await whole.end.first).toMatchObject({ kind: 'ok' });
      expect(malformed).toEqual([1]);
    }
  });

  test.each([
    ['has its data in several lines', 'data: {"choices":\ndata: [{"index":0,"delta":{"content":"two "}}]}\n\n'],
    ['has no space', 'data:{"choices":[{"index":0,"delta":{"content":"two "}}]}\n\n'],
    ['has spaces behind it', 'data: {"choices":[{"index":0,"delta":{"content":"two "}}]} \r\n\r\n'],
    ['is a comment', ': data: x\n\n'],
  ])('is none that %s', async (_what, event) => {
    const { body: whole } = body([WORD, event, STOP, DONE]);
    expect(await textOf(whole)).toBe(WORD + event + STOP + DONE);
  });
});

// Some servers number their events: every one of them seemed to end in its own way, and was parsed.
test('events that end in a number end alike', async () => {
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const numbered = Array.from({ length: 100 }, (_, index) => WORD.replace('}\n', `,"t":${index}}\n`));
  const { body: whole } = body([...numbered, STOP, DONE]);
  await textOf(whole);
  expect(parse.mock.calls.length).toBeLessThanOrEqual(5);
});

// What came behind the error was passed on by the second read, and the error itself was forgotten.
test('two reads at once that meet an error inside the stream are told of that, and of nothing behind it', async () => {
  const { body: of } = body([WORD, ERROR, WORD + STOP + DONE]);
  await of.next();
  const results = await Promise.all([of.next(), of.next()]);
  const read = results.map(({ value }) => Buffer.from(value ?? []).toString());
  expect(read.join('')).toBe(ERROR);
  expect(await of.end.first).toMatchObject({ kind: 'stream_error_late' });
});

test('the connection is let go of behind an error inside the stream', async () => {
  const { body: of, left } = body([WORD, ERROR, WORD]);
  await textOf(of);
  expect(left.length).toBe(1);
});

test('a body that was left gives nothing more, not even what was read ahead', async () => {
  const { body: left } = body([WORD, WORD]);
  await left.return();
  expect(await left.next()).toEqual({ done: true, value: undefined });
});

describe('a stream ends badly', () => {
  test.each<[string, string[], Error | undefined]>([
    ['when it is cut off', [WORD, WORD], undefined],
    ['when its connection breaks', [WORD, WORD], new Error('ECONNRESET')],
    ['in the middle of an event', [WORD, WORD, WORD.slice(0, 20)], undefined],
  ])('%s', async (_how, pieces, end) => {
    const { body: cut } = body(pieces, end ? { end } : {});
    const error = await errorOf<StreamInterruptedError>(textOf(cut));
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error.partial.text).toBe('one one ');
    expect(error.partial.events.length).toBe(2);
    expect(error.cause).toBe(end);
    expect((await cut.end.first).kind).toBe('stream_error_late');
  });

  test('when its text merely looks like a terminator', async () => {
    const said = 'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n';
    expect(isStreamInterruptedError(await errorOf(textOf(body([WORD, said]).body)))).toBe(true);
    const half = ['data: {"choices":[{"delta":{"content":"', 'data: [DONE]'];
    expect(isStreamInterruptedError(await errorOf(textOf(body([WORD, ...half]).body)))).toBe(true);
  });

  test('by an error of its own, which is all the caller is told', async () => {
    const { body: told } = body([WORD, ERROR]);
    expect(await textOf(told)).toBe(WORD + ERROR);
    expect((await told.end.first).kind).toBe('stream_error_late');
  });

  // Only the last 16 KB were searched for an error: with longer instructions the failure was thrown a second time, as another error,
  // and a long error that made the reader leave was counted as a success.
  test('by a failure that repeats long instructions', async () => {
    const response = { error: { code: 'server_error', message: 'oops' }, instructions: 'i'.repeat(40_000) };
    const { body: told } = body([CREATED, event('response.failed', { response })], { resource: 'responses' });
    await textOf(told);
    expect((await told.end.first).kind).toBe('stream_error_late');
  });

  test('by a long error at which its reader leaves', async () => {
    const error = { code: 'server_error', message: 'x'.repeat(40_000) };
    const { body: told } = body([WORD, `data: ${JSON.stringify({ error })}\n\n${DONE}`]);
    let read = 0;
    for await (const _piece of told) if (++read === 2) break;
    expect((await told.end.first).kind).toBe('stream_error_late');
  });

  // What a user's own `fetch` throws may quote the address it read from: the key in it stood in two events and in the error.
  test('without repeating what the connection broke with', async () => {
    const end = Object.assign(new Error('read failed at http://a.test/v1?api-key=sk-secret-1'), { code: 'ECONNRESET' });
    const { body: cut } = body([WORD], { end });
    const error = await errorOf<StreamInterruptedError>(textOf(cut));
    expect(error.message).toContain('(the connection broke, ECONNRESET)');
    expect(error.message).not.toContain('sk-secret');
    expect(error.cause).toBe(end);
    expect(await cut.end.first).toMatchObject({
      kind: 'stream_error_late',
      message: 'the connection broke, ECONNRESET',
    });
    const { body: other } = body([WORD], { end: new Error('sk-secret') });
    expect((await errorOf(textOf(other))).message).toContain('(the connection broke)');
  });

  test('by an error of its own at which its reader leaves', async () => {
    const { body: told } = body([WORD, ERROR, WORD]);
    let read = 0;
    for await (const _piece of told) if (++read === 2) break;
    expect((await told.end.first).kind).toBe('stream_error_late');
  });

  test('for nobody when the caller leaves before any content', async () => {
    const leaving = new AbortController();
    const { body: left } = body([WORD.slice(0, 9)], {
      end: new Error('aborted'),
      hasContent: false,
      signal: leaving.signal,
    });
    leaving.abort();
    expect((await errorOf(textOf(left))).message).toBe('aborted');
    expect(await left.end.first).toMatchObject({ kind: 'caller_abort' });
  });
});

describe('an event that is larger than all that is kept', () => {
  const picture = 'A'.repeat(1_500_000);
  const item = event('response.output_item.done', { item: { type: 'image_generation_call', result: picture } });
  const completed = event('response.completed', { response: { error: null, output: [{ result: picture }] } });
  const nameless = completed.slice(completed.indexOf('data:'));
  const sorted = `data: ${JSON.stringify({ response: { output: [{ result: picture }] }, type: 'response.completed' })}\n\n`;
  const inPieces = (text: string) => text.match(/.{1,65536}/gs) ?? [];

  // With a picture in it `response.completed` is megabytes long. Of that only the end was kept, in which nobody could see what it was:
  // a whole answer, read and paid for, ended in an error, and its target had a failure.
  test.each([
    ['by its type', completed],
    ['by its type, without a name', nameless],
    ['by a type that stands last', sorted],
  ])('is known %s to have ended the answer', async (_how, last) => {
    for (const pieces of [inPieces(item + last), [item + last], [item, last]]) {
      const { body: whole } = body(pieces, { resource: 'responses' });
      await textOf(whole);
      expect(await whole.end.first).toMatchObject({ kind: 'ok' });
    }
  });

  test.each([
    ['is the last that came', item],
    ['was cut off', completed.slice(0, -100)],
    ['was cut off at the quote of another', `${completed.slice(0, -100)}\\"type\\":\\"response.completed\\"`],
  ])('is no end of the answer when it %s', async (_how, last) => {
    const { body: cut } = body(inPieces(CREATED + last), { resource: 'responses' });
    expect(isStreamInterruptedError(await errorOf(textOf(cut)))).toBe(true);
  });

  test('tells of a failure by its name', async () => {
    const response = { error: { code: 'server_error' }, instructions: picture };
    for (const failed of [event('response.failed', { response }), event('response.failed', { response }).slice(23)]) {
      const { body: told } = body(inPieces(CREATED + failed), { resource: 'responses' });
      await textOf(told);
      expect((await told.end.first).kind).toBe('stream_error_late');
    }
  });

  test.each([
    ['ends a chat answer with a finish reason', '"stop"', 'ok'],
    ['does not without one', 'null', 'stream_error_late'],
  ])('%s', async (_how, reason, kind) => {
    const chunk = `data: {"choices":[{"index":0,"delta":{"content":"${picture}"},"finish_reason":${reason}}]}\n\n`;
    const { body: read } = body(inPieces(chunk));
    await textOf(read).catch(() => undefined);
    expect((await read.end.first).kind).toBe(kind);
  });

  test('may lack the blank line behind it', async () => {
    const { body: whole } = body(inPieces(completed.trimEnd()), { resource: 'responses' });
    await textOf(whole);
    expect(await whole.end.first).toMatchObject({ kind: 'ok' });
    const image = event('image_generation.completed', { b64_json: picture }).trimEnd();
    const { body: seen } = body(inPieces(image), { resource: 'images' });
    await textOf(seen);
    expect(await seen.end.first).toMatchObject({ kind: 'ok' });
  });
});

describe('what is kept of a stream', () => {
  // A megabyte of a response cost 30 ms at its end: every event was parsed three times, because all responses say `"error":null`.
  test('is not parsed again when the stream ended well', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    const delta = event('response.output_text.delta', { delta: 'about "error":{} and event: error' });
    const pieces = [CREATED, ...Array(50).fill(delta), event('response.completed', { response: { error: null } })];
    for (const [resource, ...rest] of [
      ['responses', ...pieces],
      ['chat.completions', ...Array<string>(50).fill(WORD), STOP, DONE],
    ] as const) {
      const { body: whole } = body(rest, { resource });
      await textOf(whole);
      expect(await whole.end.first).toMatchObject({ kind: 'ok' });
    }
    // But for the first that ends in its own way, which is how one that cannot be read is noticed.
    expect(parse.mock.calls.length).toBeLessThanOrEqual(5);
  });

  test('is bounded: of a long one the oldest events are forgotten', async () => {
    const long = `data: {"choices":[{"delta":{"content":"${'x'.repeat(10_000)}"}}]}\n\n`;
    const { body: cut } = body([WORD, ...Array.from({ length: 300 }, () => long), WORD]);
    const error = await errorOf<StreamInterruptedError>(textOf(cut));
    expect(error.partial.events.length).toBeLessThan(110);
    expect(error.partial.events.length).toBeGreaterThan(45);
    expect(error.partial.text.startsWith('xxx')).toBe(true);
    expect(error.partial.text.endsWith('xxxone ')).toBe(true);
    // Nothing told that its beginning was missing.
    expect(error.partial.isAbridged).toBe(true);
    expect(error.message).toContain('last megabyte');
  });

  test('can be read as a stream that pulls nothing before it is asked', async () => {
    const { body: whole } = body([WORD, STOP, DONE]);
    expect(await new Response(new CommittedReadable(whole)).text()).toBe(WORD + STOP + DONE);
    const { body: early, left } = body([WORD, WORD]);
    await new CommittedReadable(early).cancel();
    expect(left.length).toBe(1);
    expect(await early.end.first).toMatchObject({ kind: 'ok' });
  });

  // Node's `Readable.fromWeb` took the end of the first part for that of all, and never let go of whoever went on.
  test('is closed for its reader when all of it has ended, and with what it ended in', async () => {
    const { body: whole } = body([WORD, STOP, DONE]);
    const reader = new CommittedReadable(whole).getReader();
    let isClosed = false;
    void reader.closed.then(() => {
      isClosed = true;
    });
    await reader.read();
    await Promise.resolve();
    expect(isClosed).toBe(false);
    while (!(await reader.read()).done);
    await reader.closed;
    expect(isClosed).toBe(true);
    const { body: cut } = body([WORD]);
    const broken = new CommittedReadable(cut).getReader();
    await broken.read();
    const error = await errorOf(broken.read());
    await expect(broken.closed).rejects.toBe(error);
  });

  // The bytes of a read that was held back came behind those of the reads after it: words changed places.
  test('gives reads that are under way at the same time their bytes in order', async () => {
    const text = WORD + WORD.replace('one', 'two') + WORD.replace('one', 'three') + STOP + DONE;
    for (const size of [7, 40, 61, 100]) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const reader = new CommittedReadable(body(['', ...pieces]).body).getReader();
      let read = '';
      for (let isOver = false; !isOver; ) {
        const all = await Promise.all([reader.read(), reader.read(), reader.read()]);
        for (const { value } of all) read += value ? Buffer.from(value).toString() : '';
        isOver = all.some(({ done }) => done);
      }
      expect(read).toBe(text);
    }
  });

  const PICTURE = event('image_generation.partial_image', { b64_json: 'AAAA' });
  const PICTURE_END = event('image_generation.completed', { b64_json: 'BBBB' });
  // The platform's own error was swallowed: half a picture looked whole.
  test('of a picture that breaks off before its last event ends in an error, and behind it does not', async () => {
    const reset = new Error('ECONNRESET');
    for (const resource of ['images', 'audio', undefined] as const) {
      const other = resource as CommittedStream['resource'];
      const { body: cut } = body([PICTURE], { resource: other, end: reset });
      expect(isStreamInterruptedError(await errorOf(textOf(cut)))).toBe(true);
      const { body: whole } = body([PICTURE, PICTURE_END], { resource: other, end: reset });
      expect(await textOf(whole)).toBe(PICTURE + PICTURE_END);
      // As with the official client: where the bytes end in order nobody knows better.
      const { body: short } = body([PICTURE], { resource: other });
      expect(await textOf(short)).toBe(PICTURE);
    }
  });
});
