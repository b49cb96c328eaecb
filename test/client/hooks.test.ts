import OpenAI, { AzureOpenAI, createFetch, type EndpointOptions, type RouterOptions } from 'breakwater';
import Official, { AzureOpenAI as Azure } from 'openai';
import { bedrock } from 'openai/providers/bedrock';
import Official5, { AzureOpenAI as Azure5 } from 'openai-v5';
import Official6, { AzureOpenAI as Azure6 } from 'openai-v6';
import { bedrock as bedrock6 } from 'openai-v6/providers/bedrock';
import { describe, expect, test } from 'vitest';
import { errorOf, question } from './setup.js';
import { hello, refusal, type Sent, stub } from './stub.js';

type ReadyMade = NonNullable<EndpointOptions['client']>;

const MODELS = { fallbacks: ['m2'] };

/** Signs the retry count and the model, as a signature would the headers and the body. */
function sign(request: RequestInit): void {
  const headers = request.headers as Headers;
  headers.append('x-signed', `${headers.get('x-stainless-retry-count')} ${JSON.parse(String(request.body)).model}`);
}

class Signing extends OpenAI {
  protected override async prepareRequest(request: RequestInit): Promise<void> {
    sign(request);
  }
}
class SigningAzure extends AzureOpenAI {
  protected override async prepareRequest(request: RequestInit): Promise<void> {
    sign(request);
  }
}
class OfficialSigning extends Official {
  protected override async prepareRequest(request: RequestInit): Promise<void> {
    sign(request);
  }
}

const shown = ({ headers, body }: Sent) =>
  `sent ${headers.get('x-stainless-retry-count')} ${JSON.parse(String(body)).model}, signed ${headers.get('x-signed')}`;

const down = () => stub(() => refusal(500, { 'retry-after-ms': '1' }));
const plain = { baseURL: 'https://a.test/v1', apiKey: 'sk-a', logLevel: 'off' as const };

describe('what a hook signs', () => {
  // The signature of the first try went out with every repeat, and with the body of another model: refused by whoever checks it.
  test.each<[string, RouterOptions]>([
    ["at the client's own endpoint", MODELS],
    ['at an endpoint that is named', { endpoints: [{ id: 'a' }], ...MODELS }],
  ])('is signed anew for every repeat and every model, %s', async (_where, router) => {
    const { fetch, sent } = down();
    const client = new Signing({ ...plain, fetch, maxRetries: 1, router });
    await errorOf(client.chat.completions.create({ ...question(), model: 'm1' }));
    expect(sent.map(shown)).toEqual([
      'sent 0 m1, signed 0 m1',
      'sent 1 m1, signed 1 m1',
      'sent 2 m2, signed 2 m2',
      'sent 3 m2, signed 3 m2',
    ]);
  });

  test('is what the official client signs', async () => {
    const [ours, theirs] = [down(), down()];
    await errorOf(new OfficialSigning({ ...plain, fetch: theirs.fetch }).chat.completions.create(question()));
    await errorOf(new Signing({ ...plain, fetch: ours.fetch, router: {} }).chat.completions.create(question()));
    expect(ours.sent.map(shown)).toEqual(theirs.sent.map(shown));
  });

  test('keeps the name, the key and the headers that the endpoint has for it', async () => {
    const { fetch, sent } = down();
    const headers = { 'x-team': 'harbour' };
    const endpoints = [{ id: 'a', apiKey: 'sk-own', headers, models: { m1: 'deployed', deployed: 'never' } }];
    const client = new Signing({ ...plain, fetch, maxRetries: 0, router: { endpoints } });
    await errorOf(client.chat.completions.create({ ...question(), model: 'm1' }));
    expect(sent.map(shown)).toEqual(['sent 0 deployed, signed 0 deployed']);
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer sk-own');
    expect(sent[0]?.headers.get('x-team')).toBe('harbour');
  });

  test('is signed for an Azure client at its own endpoint, too', async () => {
    const { fetch, sent } = down();
    const options = { endpoint: 'https://az.test', apiKey: 'k', apiVersion: 'v1', logLevel: 'off' as const };
    const client = new SigningAzure({
      ...options,
      fetch,
      maxRetries: 0,
      router: { endpoints: [{ id: 'a' }], ...MODELS },
    });
    await errorOf(client.chat.completions.create({ ...question(), model: 'm1' }));
    expect(sent.map(shown)).toEqual(['sent 0 m1, signed 0 m1', 'sent 1 m2, signed 1 m2']);
  });

  test('is not built once more by a client that signs nothing', async () => {
    let built = 0;
    class Counting extends OpenAI {
      override buildRequest(...parts: Parameters<OpenAI['buildRequest']>): ReturnType<OpenAI['buildRequest']> {
        built += 1;
        return super.buildRequest(...parts);
      }
    }
    const { fetch, sent } = down();
    await errorOf(new Counting({ ...plain, fetch, router: MODELS }).chat.completions.create(question()));
    expect([built, sent.length]).toEqual([1, 6]);
  });
});

const BEDROCK = { apiKey: 'bk-1', baseURL: 'https://bedrock.test/openai/v1', region: 'us-east-1' };
const PROVIDED = [
  ['6', () => new Official6({ provider: bedrock6(BEDROCK as object) } as object)],
  ['7', () => new Official({ provider: bedrock(BEDROCK as object) } as object)],
] as const;

function world(endpoint: Partial<EndpointOptions>, more: object = {}) {
  const { fetch, sent, hosts } = stub(({ headers }) => (headers.has('authorization') ? hello() : refusal(401)));
  const client = new OpenAI({
    ...plain,
    fetch,
    maxRetries: 0,
    router: { endpoints: [{ id: 'b', ...endpoint }], ...more },
  });
  return { client, sent, hosts };
}

describe('a ready-made client', () => {
  // Its provider was never asked for the credential: the request went out without one, and was refused for ever.
  test.each(PROVIDED)('of openai %s authenticates with its provider', async (_major, make) => {
    const { client, sent } = world({ client: make() as ReadyMade });
    await client.chat.completions.create(question());
    expect(sent.map(({ host, headers }) => `${host} ${headers.get('authorization')}`)).toEqual([
      'bedrock.test Bearer bk-1',
    ]);
  });

  test('signs its requests with its own hook', async () => {
    const { client, sent } = world({ client: new OfficialSigning({ baseURL: 'https://b.test/v1', apiKey: 'sk-b' }) });
    await client.chat.completions.create({ ...question(), model: 'm1' });
    expect(sent.map(shown)).toEqual(['sent 0 m1, signed 0 m1']);
  });

  const own = { baseURL: 'https://b.test/v1', apiKey: 'sk-b' };
  test.each([
    ['openai 5', (fetch: never) => new Official5({ ...own, fetch })],
    ['openai 6', (fetch: never) => new Official6({ ...own, fetch })],
    ['openai 7', (fetch: never) => new Official({ ...own, fetch })],
    ['Azure', (fetch: never) => new Azure({ ...own, apiVersion: 'v1', fetch })],
    ['breakwater', (fetch: never) => new OpenAI({ ...own, fetch })],
  ])('of %s sends with the fetch that it was given', async (_what, make) => {
    const its = stub(hello);
    const ready = make(its.fetch as never) as ReadyMade;
    const { client, hosts } = world({ client: ready });
    await client.chat.completions.create(question());
    expect([its.hosts(), hosts()]).toEqual(['b.test', '']);
  });

  // Its endpoints and its breakers came to nothing, and nobody was told.
  test.each([
    ['a client', () => new OpenAI({ ...own, router: {} })],
    ['a child', () => new OpenAI({ ...own, router: {} }).withOptions({ timeout: 1_000 })],
    ['an Azure client', () => new AzureOpenAI({ ...own, apiVersion: 'v1', router: {} })],
  ])('is refused with a router of its own: %s', (_what, make) => {
    const line =
      'router.endpoints[0].client has a router of its own, which would not be used; leave out its router option';
    expect(() => world({ client: make() as ReadyMade })).toThrow(line);
    expect(() => createFetch({ endpoints: [{ id: 'b', client: make() as ReadyMade }] })).toThrow(
      line.replace('router.', 'createFetch.'),
    );
  });

  test('sends with the fetch of its endpoint where there is one, and with that of the client where there is none', async () => {
    const [its, endpoints] = [stub(hello), stub(hello)];
    const ready = new Official({ ...own, fetch: its.fetch });
    await world({ client: ready, fetch: endpoints.fetch }).client.chat.completions.create(question());
    const { client, hosts } = world({ client: new Official(own) });
    await client.chat.completions.create(question());
    expect([its.hosts(), endpoints.hosts(), hosts()]).toEqual(['', 'b.test', 'b.test']);
  });
});

describe('a form for Azure', () => {
  const azure = { endpoint: 'https://az.test', apiKey: 'k', apiVersion: 'v1' };
  const file = () => new File(['x'], 'a.mp3');
  const wire = () => stub(({ url }) => (url.includes('/down/') ? refusal(503) : Response.json({ text: 'hi' })));
  const addresses = (sent: readonly Sent[]) =>
    sent
      .filter(({ url }) => url.startsWith('http'))
      .map(({ url, body }) => `${new URL(url).pathname.split('/')[3]} ${(body as FormData).get('model')}`);

  // The deployment in the address was that of the caller's model, whatever the form said: 404, and the target was closed.
  test.each([
    ['5', Azure5],
    ['6', Azure6],
    ['7', Azure],
  ] as const)('goes to the deployment that the endpoint knows the model by, with openai %s', async (_major, Client) => {
    const { fetch, sent } = wire();
    const models = { 'whisper-1': 'my-whisper', 'gpt-image-1': 'my-image' };
    const client = new OpenAI({
      ...plain,
      fetch,
      router: { endpoints: [{ id: 'az', client: new Client(azure) as ReadyMade, models }] },
    });
    await client.audio.transcriptions.create({ model: 'whisper-1', file: file() });
    await errorOf(client.images.edit({ model: 'gpt-image-1', prompt: 'x', image: file() }));
    expect(addresses(sent).slice(0, 2)).toEqual(['my-whisper my-whisper', 'my-image my-image']);
  });

  test.each([
    ['of its own', {}],
    ['elsewhere', { baseURL: 'https://eu.test/openai', apiKey: 'ke' }],
  ])('goes to the deployment of a fallback at an endpoint %s', async (_where, at) => {
    const { fetch, sent } = wire();
    const router = { endpoints: [{ id: 'az', ...at }], fallbacks: { down: ['up'] } };
    const client = new AzureOpenAI({ ...azure, fetch, maxRetries: 0, logLevel: 'off', router });
    await client.audio.transcriptions.create({ model: 'down', file: file() });
    expect(addresses(sent)).toEqual(['down down', 'up up']);
  });

  test('goes there without any endpoints, too', async () => {
    const { fetch, sent } = wire();
    const client = new AzureOpenAI({ ...azure, fetch, maxRetries: 0, router: { fallbacks: { down: ['up'] } } });
    await client.audio.transcriptions.create({ model: 'down', file: file() });
    expect(addresses(sent)).toEqual(['down down', 'up up']);
  });
});
