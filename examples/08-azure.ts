// Azure: the official Azure client with a router, and an Azure resource beside endpoints of other providers.
import { startSimulator } from '@breakwater/simulator';
import OpenAI, { AzureOpenAI, routeOf } from 'breakwater';

const simulator = await startSimulator({
  models: ['gpt-4.1', 'my-deployment'],
  regions: { korea: {}, japan: {}, elsewhere: {} },
});
const korea = simulator.region('korea');
const apiVersion = '2024-10-21';

// Several Azure resources: URLs, key headers and deployments are Azure's at each of them.
const azure = new AzureOpenAI({
  endpoint: korea.azureEndpoint,
  apiKey: 'key-of-korea',
  apiVersion,
  router: {
    routing: 'priority', // In the order of the list.
    endpoints: [
      { id: 'korea', models: { 'gpt-4.1': 'my-deployment' } },
      { id: 'japan', baseURL: `${simulator.region('japan').azureEndpoint}/openai`, apiKey: 'key-of-japan' },
    ],
  },
});

// A ready-made client dresses the requests for its endpoint: here Azure comes after another provider.
const mixed = new OpenAI({
  baseURL: simulator.region('elsewhere').baseURL,
  apiKey: 'key-of-elsewhere',
  router: {
    routing: 'priority', // In the order of the list.
    endpoints: [
      { id: 'elsewhere' },
      { id: 'azure', client: new AzureOpenAI({ endpoint: korea.azureEndpoint, apiKey: 'key-of-korea', apiVersion }) },
    ],
  },
});

async function ask(client: OpenAI | AzureOpenAI): Promise<void> {
  const params = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const completion = await client.chat.completions.create(params);
  console.log(`${routeOf(completion)?.target}: ${simulator.log.at(-1)?.path}`);
}

await ask(azure);
korea.fault({ kind: 'status', status: 503, times: 1 });
await ask(azure);

await ask(mixed);
simulator.region('elsewhere').fault({ kind: 'refuse' });
await ask(mixed);

await simulator.close();
