import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { CommittedBody } from '../../../packages/client/src/stream/body.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"one "}}]}\n\n';
const ERROR = 'data: {"error":{"code":"server_error"}}\n\n';

/** The end of a body of which nobody holds anything but that. */
async function forgotten(piece: string, hasContent: boolean) {
  let isLeft = false;
  const reader = {
    read: () => new Promise<never>(() => {}),
    cancel: async () => {
      isLeft = true;
    },
  };
  const { signal } = new AbortController();
  const chunks = [new TextEncoder().encode(piece)];
  const { end } = new CommittedBody({
    reader,
    chunks,
    resource: 'chat.completions',
    target: 'a/b',
    hasContent,
    signal,
  });
  for (let left = 100; left > 0 && !isLeft; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collectGarbage();
  }
  return { isLeft, kind: (await end.first).kind };
}

// Every stream that was dropped was given up by its caller, also where its target had answered: one that is often left half read
// seemed never to be served.
test.each([
  ['behind its first content', WORD, true, 'ok'],
  ['behind content that nobody had looked for', WORD, false, 'ok'],
  ['before any content', ': at work\n\n', false, 'caller_abort'],
  ['behind an error', ERROR, true, 'stream_error_late'],
])('a stream that is dropped %s counts like one that is left there', async (_where, piece, hasContent, kind) => {
  expect(await forgotten(piece, hasContent)).toEqual({ isLeft: true, kind });
});
