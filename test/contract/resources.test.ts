import { toFile } from 'openai';
import { VERSION } from 'openai/version';
import { both } from './harness.js';
import { describeResponse, failureOf, readAll } from './plain.js';

both('embeds texts, as numbers and as bytes', async ({ client }) => ({
  plain: await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }),
  base64: await client.embeddings.create({ model: 'text-embedding-3-small', input: 'one', encoding_format: 'base64' }),
}));

both('completes a text, whole and streamed', async ({ client }) => {
  const asked = { model: 'gpt-3.5-turbo-instruct', prompt: 'hello' };
  const stream = await client.completions.create({ ...asked, stream: true });
  return { whole: await client.completions.create(asked), streamed: await readAll(stream) };
});

both('moderates', ({ client }) => client.moderations.create({ input: 'hello' }));

both('paints', ({ client }) => client.images.generate({ model: 'gpt-image-1', prompt: 'a pier', n: 2 }));

both('speaks', async ({ client }) =>
  describeResponse(await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hello' })),
);

both('hears, as JSON and as text', async ({ client }) => {
  const asked = async () => ({ model: 'whisper-1', file: await toFile(Buffer.from('sound'), 'sound.mp3') });
  return {
    json: await client.audio.transcriptions.create(await asked()),
    text: await client.audio.transcriptions.create({ ...(await asked()), response_format: 'text' }),
  };
});

both('lists models', async ({ client }) => {
  const page = await client.models.list();
  return { class: page.constructor, data: page.data, one: await client.models.retrieve('gpt-4.1') };
});

both('uploads, finds, reads and deletes a file', async ({ client }) => {
  const file = await toFile(Buffer.from('{"a":1}\n'), 'lines.jsonl', { type: 'application/jsonl' });
  const kept = await client.files.create({ file, purpose: 'batch' });
  const content = await client.files.content(kept.id);
  return {
    kept,
    found: await client.files.retrieve(kept.id),
    content: await describeResponse(content),
    gone: await client.files.delete(kept.id),
    error: await failureOf(() => client.files.retrieve(kept.id)),
  };
});

both('turns the pages of a list', async ({ client }) => {
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'];
  for (const name of names) {
    await client.files.create({ file: await toFile(Buffer.from(name), name), purpose: 'assistants' });
  }
  const { items } = await readAll(client.files.list({ limit: 2 }));
  const first = await client.files.list({ limit: 2, order: 'asc' });
  const second = await first.getNextPage();
  const pages = (await readAll(first.iterPages())).items.map(({ data }) => data.length);
  const { response, request_id } = await client.files.list({ limit: 1 }).withResponse();
  return {
    names: items.map(({ filename }) => filename),
    first: { class: first.constructor, data: first.data, more: first.hasNextPage() },
    second: { data: second.data, next: second.nextPageRequestOptions()?.query },
    pages,
    listed: [response.status, response.url, request_id],
  };
});

both('keeps the options of a list out of its pages', async ({ client }) => {
  await client.files.create({ file: await toFile(Buffer.from('a'), 'a.txt'), purpose: 'batch' });
  await client.files.create({ file: await toFile(Buffer.from('b'), 'b.txt'), purpose: 'batch' });
  const page = await client.files.list({ limit: 1 }, { headers: { 'x-trace': 'one' }, maxRetries: 5 });
  return { second: (await page.getNextPage()).data };
});

both('sends raw requests to any path', async ({ client }) => {
  const got = await client.get('/models', { query: { limit: 1 } });
  const posted = await client.post('/chat/completions', {
    body: { model: 'gpt-4.1', messages: [{ role: 'user', content: 'hello' }] },
    headers: { 'x-mine': 'yes' },
  });
  const raw = await client.get('/models').asResponse();
  return {
    got,
    posted,
    raw: await describeResponse(raw),
    put: await failureOf(() => client.put('/models')),
    patch: await failureOf(() => client.patch('/nowhere', { body: {} })),
    deleted: await failureOf(() => client.delete('/files/none')),
  };
});

both('sends raw requests to a whole address', async ({ client, region }) =>
  client.get(`${region.baseURL}/models/gpt-4.1`),
);

const streamed = () => ({
  body: new Blob(['{"model":"gpt-4.1","messages":[{"role":"user","content":"hello"}]}']).stream(),
  headers: { 'content-type': 'application/json' },
});

both('sends a body that is a stream', ({ client }) => client.post('/chat/completions', streamed()));

both(
  'sends a body that is a stream only once',
  ({ client, region }) => {
    region.fault({ kind: 'status', status: 500 });
    return failureOf(() => client.post('/chat/completions', streamed()));
  },
  // The official 5 tries it again, and then cannot say what had gone wrong.
  VERSION.startsWith('5') ? { modes: ['without a router'] } : {},
);
