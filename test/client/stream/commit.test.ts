import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitStream, type StreamTerms } from '../../../packages/client/src/stream/commit.js';

const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
const CREATED = 'event: response.created\ndata: {"type":"response.created"}\n\n';
const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"hé"}}]}\n\n';
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';

const terms = (more: Partial<StreamTerms> = {}): StreamTerms => ({
  resource: 'chat.completions',
  target: 'a/b',
  signal: new AbortController().signal,
  commit: 'first-content',
  movable: true,
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
    const outcome = await commitStream(response([CREATED]).reply, terms({ resource: 'responses' }));
    expect(outcome.kind).toBe('stream_error_early');
  });

  test('a sign of life between the announcements of a response is no content', async () => {
    const alive = 'event: keepalive\ndata: {"type":"keepalive","sequence_number":1}\n\n';
    const outcome = await commitStream(response([CREATED, alive]).reply, terms({ resource: 'responses' }));
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
        expect(outcome.kind === 'ok' && (await outcome.ending)).toEqual({ kind: 'ok' });
      }),
      { numRuns: 200 },
    );
  });

  test('may be waited for no longer than for the headers', async () => {
    const { reply, pulled } = response([ROLE], 'silence');
    expect((await commitStream(reply, terms({ commit: 'headers' }))).kind).toBe('ok');
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
