import { describe, expect, test } from 'vitest';
import { isText, readRequest } from '../../../packages/client/src/request/read.js';

const read = (path: string, body: unknown = {}, method = 'post') =>
  readRequest(
    { method, path, body },
    typeof body === 'object' && !(body instanceof FormData) ? JSON.stringify(body) : body,
  );

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

describe('a request is read', () => {
  test.each([
    ['/chat/completions', 'chat.completions'],
    ['/responses', 'responses'],
    ['/completions', 'completions'],
    ['/embeddings', 'embeddings'],
    ['/moderations', 'moderations'],
    ['/images/generations', 'images'],
    ['/images/edits', 'images'],
    ['/images/variations', 'images'],
    ['/audio/speech', 'audio.speech'],
    ['/audio/transcriptions', 'audio.text'],
    ['/audio/translations', 'audio.text'],
  ])('%s is %s and may move', (path, resource) => {
    expect(read(path, { model: 'a' })).toEqual({
      resource,
      model: 'a',
      streamed: false,
      asksUsage: false,
      choices: 1,
      movable: true,
      repeatable: true,
    });
  });

  // Cut behind the answer to its first prompt, a completion of three looked whole.
  test.each([
    [{ n: 2 }, 2],
    [{ prompt: 'a', n: 2 }, 2],
    [{ prompt: ['a', 'b', 'c'] }, 3],
    [{ prompt: [[1, 2], [3]], n: 2 }, 4],
    [{ prompt: [1, 2, 3] }, 1],
    [{ prompt: [] }, 1],
  ])('%j is to have so many choices as a completion: %i', (params, choices) => {
    expect(read('/completions', { model: 'a', ...params }).choices).toBe(choices);
  });

  test.each([
    ['get', '/responses'],
    ['post', '/responses/resp_1/cancel'],
    ['post', '/files'],
    ['post', '/uploads'],
    ['post', '/batches'],
    ['post', '/vector_stores'],
    ['post', '/fine_tuning/jobs'],
    ['post', '/assistants'],
    ['post', '/threads/t/runs'],
    ['post', '/conversations'],
    ['get', '/chat/completions'],
    ['delete', '/responses/resp_1'],
    ['get', '/models'],
  ])('%s %s stays where it is', (method, path) => {
    expect(read(path, {}, method)).toMatchObject({ resource: undefined, movable: false });
  });

  test.each([
    [{ model: 'a' }, 'a'],
    [{ model: '' }, undefined],
    [{ model: 7 }, undefined],
    [{}, undefined],
    [undefined, undefined],
    [form({ model: 'whisper-1' }), 'whisper-1'],
  ])('%o has the model %s', (body, model) => {
    expect(read('/audio/transcriptions', body).model).toBe(model);
  });

  test('whether it is streamed', () => {
    expect(read('/responses', { stream: true }).streamed).toBe(true);
    expect(read('/responses', { stream: 'true' }).streamed).toBe(false);
    expect(read('/audio/transcriptions', form({ stream: 'true' })).streamed).toBe(true);
    expect(readRequest({ method: 'post', path: '/x', body: undefined, stream: true }, undefined).streamed).toBe(true);
  });

  test.each([
    [{ previous_response_id: 'r' }],
    [{ conversation: 'c' }],
    [{ background: true }],
    [{ prompt: { id: 'p' } }],
    [{ input: [{ content: [{ type: 'input_image', file_id: 'f' }] }] }],
    [{ tools: [{ type: 'file_search', vector_store_ids: ['v'] }] }],
    [{ tools: [{ type: 'code_interpreter', container: 'c' }] }],
    [{ input: [{ id: 'msg_1' }] }],
    [
      {
        input: [
          { role: 'user', content: 'hi' },
          { id: 'msg_1', type: null },
        ],
      },
    ],
  ])('a response with %o stays', (body) => {
    expect(read('/responses', body).movable).toBe(false);
  });

  test.each([
    [{ previous_response_id: null, background: false, conversation: null }],
    [{ input: 'say "file_id": and "previous_response_id"' }],
    [{ tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
    [{ input: [{ role: 'user', content: 'hi' }, null, 'text'] }],
    [{ input: [{ id: 'msg_1', type: 'message', role: 'assistant', content: [] }] }],
  ])('a response with %o may move', (body) => {
    expect(read('/responses', body).movable).toBe(true);
  });

  test('a chat with a file or a sound of the server stays, and one with a prompt field may move', () => {
    expect(read('/chat/completions', { messages: [{ content: [{ file: { file_id: 'f' } }] }] }).movable).toBe(false);
    expect(read('/chat/completions', { messages: [{ role: 'assistant', audio: { id: 'a' } }] }).movable).toBe(false);
    expect(read('/chat/completions', { audio: { voice: 'alloy', format: 'wav' } }).movable).toBe(true);
    expect(read('/completions', { prompt: 'hi' }).movable).toBe(true);
  });

  // It was asked for at another server, which did not have the file.
  test('an image that is kept as a file stays, and one that comes along may move', () => {
    expect(read('/images/edits', { images: [{ file_id: 'f' }] }).movable).toBe(false);
    expect(read('/images/edits', { images: [{ image_url: 'data:,' }], prompt: 'a file_id' }).movable).toBe(true);
    expect(read('/images/edits', form({ prompt: '"file_id":"' })).movable).toBe(true);
  });

  test.each([
    ['nothing', undefined, true],
    ['null', null, true],
    ['text', 'a', true],
    ['a form', new FormData(), true],
    ['bytes', new Uint8Array(1), true],
    ['a buffer', new ArrayBuffer(1), true],
    ['a blob', new Blob(['a']), true],
    ['url parameters', new URLSearchParams(), true],
    ['a stream', new ReadableStream(), false],
    ['an iterator', (async function* () {})(), false],
  ])('whether a body can be sent twice: %s', (_what, sent, repeatable) => {
    expect(readRequest({ method: 'post', path: '/files', body: sent }, sent).repeatable).toBe(repeatable);
  });
});

test('only chat completions, responses and completions are text that another model can write as well', () => {
  expect(['chat.completions', 'responses', 'completions'].every((name) => isText(name as 'responses'))).toBe(true);
  expect(isText('embeddings')).toBe(false);
  expect(isText(undefined)).toBe(false);
});
