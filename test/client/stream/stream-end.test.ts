import { expect, test } from 'vitest';
import { StreamEnd } from '../../../packages/client/src/stream/stream-end.js';

// A reader that was told so early was left without being closed: the connection of whoever went on stayed open.
test('a stream that somebody goes on with is not over for its reader', async () => {
  const end = new StreamEnd();
  let isClosed = false;
  void end.closed.then(() => {
    isClosed = true;
  });
  end.goOn({ kind: 'stream_error_late', message: 'cut' });
  expect((await end.first).kind).toBe('stream_error_late');
  expect(isClosed).toBe(false);
  end.tell({ kind: 'ok' });
  await end.closed;
  expect(isClosed).toBe(true);
});

test('who asks later is told the same, and what is told twice counts once', async () => {
  const [whole, broken] = [new StreamEnd(), new StreamEnd()];
  whole.tell({ kind: 'ok' });
  whole.tell({ kind: 'ok' }, new Error('late'));
  expect(await whole.closed).toBeUndefined();
  const failure = new Error('cut');
  broken.tell({ kind: 'stream_error_late', message: 'cut' }, failure);
  await expect(broken.closed).rejects.toBe(failure);
});
