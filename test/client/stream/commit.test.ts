import { systemClock } from '@breakwater/core';
import { virtualClock } from '@breakwater/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitStream, type StreamTerms } from '../../../packages/client/src/stream/commit.js';

const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
const CREATED = 'event: response.created\ndata: {"type":"response.created"}\n\n';
const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"hé"}}]}\n\n';
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';

/** The terms of an attempt that has a limit of its own: somebody else is asked when it is over. */
const terms = (
  resource: StreamTerms['reading']['resource'] = 'chat.completions',
  more: Partial<StreamTerms> = {},
): StreamTerms => ({
  reading: { resource, movable: true, asksUsage: false, choices: 1 },
  target: 'a/b',
  ticket: { signal: new AbortController().signal, callLeftMs: () => undefined },
  clock: systemClock,
  commit: 'first-content',
  hasLastResort: false,
  ...more,
});

/** A stream of these pieces, which then ends, breaks or says nothing more. */
function response(pieces: readonly (string | Uint8Array)[], end: 'close' | Error | 'silence' = 'close') {
  let left = false;
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[next++];
        if (piece !== undefined)
          controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
        else if (end === 'close') controller.close();
        else if (end !== 'silence') controller.error(end);
        else return new Promise(() => {});
        return undefined;
      },
      cancel() {
        left = true;
      },
    },
    { highWaterMark: 0 },
  );
  const reply = new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' } });
  return { reply, pulled: () => next, left: () => left };
}

describe('before the first content', () => {
  test.each<[string, string[], Error | 'close', string]>([
    ['a role alone', [ROLE], 'close', 'stream_error_early'],
    ['nothing', [], 'close', 'stream_error_early'],
    ['a comment', [': ping\n\n'], 'close', 'stream_error_early'],
    ['a role and a broken connection', [ROLE], new Error('ECONNRESET'), 'stream_error_early'],
    ['a terminator', [ROLE, DONE], 'close', 'malformed'],
    ['broken JSON', ['data: {"cho\n\n'], 'close', 'malformed'],
    ['an error', ['data: {"error":{"code":"server_error"}}\n\n'], 'close', 'stream_error_early'],
    ['a rate limit', ['data: {"error":{"code":"rate_limit_exceeded"}}\n\n'], 'close', 'rate_limit'],
    ['a lack of quota', ['data: {"error":{"type":"insufficient_quota"}}\n\n'], 'close', 'quota'],
    ['an overload', ['data: {"error":{"type":"overloaded_error"}}\n\n'], 'close', 'overloaded'],
    ['too long a prompt', ['data: {"error":{"code":"context_length_exceeded"}}\n\n'], 'close', 'context_window'],
    ['a content policy', ['data: {"error":{"code":"content_filter"}}\n\n'], 'close', 'content_policy'],
  ])('%s is an ordinary failure', async (_what, pieces, end, kind) => {
    const outcome = await commitStream(response(pieces, end).reply, terms());
    expect(outcome.kind).toBe(kind);
    expect(outcome.reply).toBeUndefined();
  });

  test('an announcement of a response is no content', async () => {
    const outcome = await commitStream(response([CREATED]).reply, terms('responses'));
    expect(outcome.kind).toBe('stream_error_early');
  });

  test('a sign of life between the announcements of a response is no content', async () => {
    const alive = 'event: keepalive\ndata: {"type":"keepalive","sequence_number":1}\n\n';
    const outcome = await commitStream(response([CREATED, alive]).reply, terms('responses'));
    expect(outcome.kind).toBe('stream_error_early');
  });

  test('a stream that failed is let go of', async () => {
    const { reply, left } = response(['data: {"error":{}}\n\n'], 'silence');
    await commitStream(reply, terms());
    expect(left()).toBe(true);
  });

  test('a response without a body is malformed', async () => {
    expect((await commitStream(new Response(null), terms())).kind).toBe('malformed');
  });
});

describe('with the first content', () => {
  test('a stream is handed over at once, and nothing more is read than that took', async () => {
    const { reply, pulled } = response([ROLE, WORD, WORD, DONE], 'silence');
    const outcome = await commitStream(reply, terms());
    expect(outcome.kind).toBe('ok');
    expect(pulled()).toBe(2);
    expect(outcome.reply?.headers.get('x-request-id')).toBe('req_1');
    expect(outcome.reply?.url).toBe(reply.url);
  });

  test('the bytes are the same, wherever they were cut', async () => {
    const all = new TextEncoder().encode(`: hi\r\n\r\n${ROLE}${WORD}${WORD}${STOP}${DONE}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(all.length), { maxLength: 12 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), all.length];
        const pieces = places.slice(1).map((to, index) => all.slice(places[index], to));
        const outcome = await commitStream(response(pieces.filter(({ length }) => length > 0)).reply, terms());
        expect(new Uint8Array((await outcome.reply?.arrayBuffer()) ?? [])).toEqual(all);
        expect(outcome.kind === 'ok' && (await outcome.ending)).toMatchObject({ kind: 'ok' });
      }),
      { numRuns: 200 },
    );
  });

  test('may be waited for no longer than for the headers', async () => {
    const { reply, pulled } = response([ROLE], 'silence');
    expect((await commitStream(reply, terms(undefined, { commit: 'headers' }))).kind).toBe('ok');
    expect(pulled()).toBe(0);
  });

  test.each<[string, (text: string) => unknown]>([
    ['bytes', (text) => new TextEncoder().encode(text)],
    ['text', (text) => text],
    ['buffers', (text) => new TextEncoder().encode(text).buffer],
  ])("a body of a user's own fetch may be one that can only be iterated, over %s", async (_what, form) => {
    async function* body() {
      for (const piece of ['', ROLE, WORD, DONE]) yield form(piece);
    }
    const like = { body: body(), status: 200, statusText: '', headers: new Headers(), url: '' } as unknown as Response;
    const outcome = await commitStream(like, terms());
    expect(await outcome.reply?.text()).toBe(ROLE + WORD + DONE);
  });
});

describe('when the time of the call is nearly over', () => {
  /** An attempt of which nothing but the end of its call, in a second, ends the wait. */
  function last(pieces: readonly string[], more: Partial<StreamTerms> = {}) {
    const clock = virtualClock();
    const leaving = new AbortController();
    const ticket = { signal: leaving.signal, callLeftMs: () => 1_000 - clock.now() };
    const source = response(pieces, 'silence');
    const outcome = commitStream(source.reply, terms('chat.completions', { ticket, clock, ...more }));
    let handedOverAt: number | undefined;
    void outcome.then(() => {
      handedOverAt = clock.now();
    });
    return { clock, leaving, outcome, at: () => handedOverAt, ...source };
  }

  // A model that thinks for longer than `timeout` announces itself at once: the plain client gets its answer, and the router lost it.
  test.each([
    ['has begun', [ROLE]],
    ['has sent a sign of life', [': at work\n\n']],
  ])('a stream that %s is handed over as it is', async (_what, pieces) => {
    const { clock, outcome, at, reply, pulled } = last(pieces);
    await clock.advance(899);
    expect(at()).toBeUndefined();
    await clock.advance(1);
    expect(at()).toBe(900);
    expect(clock.pending).toBe(0);
    const { reply: handed } = (await outcome) as { reply: Response };
    expect(handed.headers.get('x-request-id')).toBe(reply.headers.get('x-request-id'));
    const reader = handed.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(pieces[0]);
    expect(pulled()).toBe(2);
  });

  test('nothing of it is lost: the read that was under way is the first that the caller gets', async () => {
    const clock = virtualClock();
    let tell: (piece: Uint8Array) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(ROLE));
        tell = (piece) => controller.enqueue(piece);
        clock.setTimeout(() => controller.close(), 2_000);
      },
    });
    const ticket = { signal: new AbortController().signal, callLeftMs: () => 1_000 - clock.now() };
    const outcome = commitStream(new Response(body), terms(undefined, { ticket, clock }));
    await clock.advance(900);
    for (const piece of [WORD, STOP, DONE]) tell(new TextEncoder().encode(piece));
    const handed = await outcome;
    await clock.advance(2_000);
    expect(await handed.reply?.text()).toBe(ROLE + WORD + STOP + DONE);
    expect(handed.kind === 'ok' && (await handed.ending)).toMatchObject({ kind: 'ok' });
  });

  test.each<[string, string[], Partial<StreamTerms>]>([
    ['has said nothing', [], {}],
    ['may be answered by somebody else', [ROLE], { ticket: terms().ticket }],
    ['may be answered by the user', [ROLE], { hasLastResort: true }],
  ])('a stream that %s is not', async (_what, pieces, more) => {
    const { clock, at } = last(pieces, more);
    await clock.advance(5_000);
    expect(at()).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('no timer outlives an attempt that was aborted or answered', async () => {
    const { clock, leaving } = last([ROLE]);
    await clock.advance(10);
    expect(clock.pending).toBe(1);
    leaving.abort();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    const answered = last([ROLE, WORD]);
    await answered.outcome;
    expect(answered.clock.pending).toBe(0);
  });
});

test('a first event without a blank line behind it counts when the stream ends in order', async () => {
  const outcome = await commitStream(response([ROLE, STOP.trimEnd()]).reply, terms());
  expect(await outcome.reply?.text()).toBe(ROLE + STOP.trimEnd());
  expect((await commitStream(response([ROLE, STOP.slice(0, 30)]).reply, terms())).kind).toBe('stream_error_early');
});
