import { both } from './harness.js';
import { failureOf, readAll } from './plain.js';
import { question } from './questions.js';

both('answers through an Azure deployment, whole and streamed', async ({ makeAzure }) => {
  const client = makeAzure({ apiKey: 'azure-key' });
  const stream = await client.chat.completions.create({ ...question('hello'), stream: true });
  return { whole: await client.chat.completions.create(question('hello')), streamed: await readAll(stream) };
});

both('asks the token provider before each request to Azure', async ({ makeAzure }) => {
  let given = 0;
  const client = makeAzure({
    azureADTokenProvider: async () => {
      given += 1;
      return `token-${given}`;
    },
  });
  await client.chat.completions.create(question('hello'));
  await client.chat.completions.create(question('hello again'));
  return { given };
});

both('tries a deployment again at the very same address', async ({ makeAzure, region }) => {
  region.fault({ kind: 'status', status: 500, times: 1 });
  return makeAzure({ apiKey: 'azure-key' }).chat.completions.create(question('hello'));
});

both('throws the errors of Azure', async ({ makeAzure, region }) => {
  region.set({ apiKeys: ['another'] });
  const client = makeAzure({ apiKey: 'azure-key', maxRetries: 0 });
  return {
    key: await failureOf(() => client.chat.completions.create(question('hello'))),
    provider: await failureOf(() =>
      makeAzure({ azureADTokenProvider: async () => '', maxRetries: 0 }).chat.completions.create(question('hello')),
    ),
  };
});

both('refuses the same Azure options', async ({ makeAzure }) => ({
  both: await failureOf(() => makeAzure({ apiKey: 'key', baseURL: 'http://127.0.0.1/v1' })),
  neither: await failureOf(() => makeAzure({ apiKey: 'key', endpoint: undefined })),
  key: await failureOf(() => makeAzure()),
  version: await failureOf(() => makeAzure({ apiKey: 'key', apiVersion: undefined })),
  mixed: await failureOf(() => makeAzure({ apiKey: 'key', azureADTokenProvider: async () => 'token' })),
}));
