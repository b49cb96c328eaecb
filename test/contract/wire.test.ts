import { type AzureOpenAI, type OpenAI, toFile } from 'openai';
import { type CaptureServer, startCapture } from './capture.js';
import { both, type Stage } from './harness.js';
import { question } from './questions.js';

/** Plays some calls in front of a server that looks at bytes, and answers with those. */
const bytes = (play: (stage: Stage, server: CaptureServer) => Promise<unknown>) => async (stage: Stage) => {
  const server = await startCapture();
  try {
    await play(stage, server);
    return { requests: server.requests };
  } finally {
    server.close();
  }
};

const words = 'Grüße, 안녕 🌊 "quoted" \\ \u2028 end';

both(
  'sends the same bytes for chats, responses and embeddings',
  bytes(async ({ make }, { baseURL }) => {
    const client = make({ baseURL });
    await client.chat.completions.create({ ...question(words), temperature: 0, user: 'me' });
    await client.chat.completions.create(question('hello'), { idempotencyKey: 'key', headers: { 'X-Mine': 'yes' } });
    await client.responses.create({ model: 'gpt-4.1', input: words });
    await client.embeddings.create({ model: 'text-embedding-3-small', input: words });
    await client.chat.completions.create({ model: 'gpt-4.1', metadata: { model: '"model":"gpt-4.1"' }, messages: [] });
  }),
);

both(
  'sends the same bytes for uploads',
  bytes(async ({ make }, { baseURL }) => {
    const client = make({ baseURL });
    const file = await toFile(new Uint8Array([0, 255, 13, 10, 45, 45]), 'naïve 이름.bin', { type: 'audio/mpeg' });
    await client.files.create({ file, purpose: 'assistants' });
    await client.audio.transcriptions.create({ file, model: 'whisper-1', timestamp_granularities: ['word'] });
    await client.images.edit({ image: [file, file], prompt: words });
  }),
);

both(
  'sends the same bytes for raw requests of every kind',
  bytes(async ({ make }, { baseURL }) => {
    const client = make({ baseURL, defaultQuery: { version: '1' }, defaultHeaders: { 'X-Default': 'one' } });
    await client.get('/models', { query: { a: 'b c', list: ['x', 'y'], deep: { er: 1 } } });
    await client.post('/chat/completions', { body: { model: 'gpt-4.1' }, query: { trace: 'on' } });
    await client.post('/bytes', { body: new TextEncoder().encode('bytes'), headers: { 'Content-Type': 'text/plain' } });
    await client.put('/put', { body: { a: 1 } });
    await client.patch('/patch', { body: {} });
    await client.delete('/delete');
    await client.get('/models', { headers: { 'X-Default': null, Authorization: null, 'User-Agent': 'mine' } });
  }),
);

both(
  'sends the same headers for every account and timeout',
  bytes(async ({ make }, { baseURL }) => {
    const client = make({ baseURL, organization: 'org-1', project: 'proj-1', timeout: 12_000 });
    await client.models.list();
    await client.models.list({ timeout: 5_000, maxRetries: 7 });
    await client.withOptions({ organization: 'org-2', timeout: 9_000 }).models.list();
  }),
);

/** Calls that both kinds of client answer to. */
const askAzure = async (client: AzureOpenAI | OpenAI) => {
  await client.chat.completions.create(question(words));
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' });
  await client.models.list();
};

both(
  'sends the same bytes to Azure',
  bytes(async ({ makeAzure }, { baseURL }) => {
    const endpoint = baseURL.replace('/v1', '');
    await askAzure(makeAzure({ endpoint, apiKey: 'azure-key' }));
    await askAzure(makeAzure({ endpoint, apiKey: 'azure-key', deployment: 'my-deployment' }));
    await askAzure(makeAzure({ endpoint, azureADTokenProvider: async () => 'token' }));
  }),
);
