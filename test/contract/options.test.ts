import { VERSION } from 'openai/version';
import { both } from './harness.js';
import { failureOf } from './plain.js';
import { question } from './questions.js';

/** A `fetch` that notes how it is called. */
function noting() {
  const calls: unknown[] = [];
  const noted = async (...[url, init]: Parameters<typeof fetch>): Promise<Response> => {
    const { signal, headers, body, ...rest } = init ?? {};
    calls.push({
      url: String(url),
      keys: Object.keys(init ?? {}).sort(),
      signal: signal?.constructor,
      headers: new Headers(headers),
      body: typeof body === 'string' ? body : body?.constructor,
      ...rest,
    });
    return fetch(url, init);
  };
  return { calls, fetch: noted };
}

both('calls a custom fetch once for each request, with the same arguments', async ({ make }) => {
  const { calls, fetch } = noting();
  const client = make({ fetch });
  await client.chat.completions.create(question('hello'));
  await client.models.list();
  await client.files.create({ file: new File(['a'], 'a.txt'), purpose: 'batch' });
  return { calls };
});

both('hands fetchOptions on, those of the client and those of a request', async ({ make }) => {
  const { calls, fetch } = noting();
  const client = make({ fetch, fetchOptions: { redirect: 'error', keepalive: true } });
  await client.models.list();
  await client.models.list({ fetchOptions: { referrer: 'about:client' } });
  return { calls };
});

both('asks a custom fetch again when it fails', async ({ make }) => {
  let calls = 0;
  const client = make({
    fetch: (url, init) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new TypeError('fetch failed')) : fetch(url, init);
    },
  });
  return { answer: await client.chat.completions.create(question('hello')), calls };
});

both('copes with a custom fetch that answers with less than a Response', async ({ make, region }) => {
  const { Headers } = globalThis;
  const client = make({
    fetch: async (url) => {
      const headers = new Headers({ 'content-type': 'application/json' });
      const text = async () => '{"object":"list","data":[]}';
      return {
        ok: true,
        status: 200,
        headers,
        url: String(url),
        text,
        json: async () => JSON.parse(await text()),
      } as Response;
    },
  });
  return { data: (await client.models.list()).data, baseURL: client.baseURL === region.baseURL };
});

both('makes children that differ in what was asked for alone', async ({ make }) => {
  const { calls, fetch } = noting();
  const client = make({ fetch, maxRetries: 0, defaultHeaders: { 'x-parent': 'yes' } });
  const child = client.withOptions({ timeout: 5_000, defaultHeaders: { 'x-child': 'yes' } });
  const grandchild = child
    .withOptions({ apiKey: 'sk-other', maxRetries: 1 })
    .withOptions({ defaultQuery: { deep: 'yes' } });
  for (const one of [client, child, grandchild]) await one.chat.completions.create(question('hello'));
  const shown = [client, child, grandchild].map(({ apiKey, timeout, maxRetries }) => ({ apiKey, timeout, maxRetries }));
  return {
    calls,
    shown,
    classes: [child.constructor === client.constructor, grandchild.constructor === client.constructor],
  };
});

both('lets a child try again as often as it was told', async ({ make, region }) => {
  region.fault({ kind: 'status', status: 500 });
  const client = make({ maxRetries: 3 });
  return failureOf(() => client.withOptions({ maxRetries: 0 }).chat.completions.create(question('hello')));
});

both('takes what is changed on a living client', async ({ make, simulator, region }) => {
  const client = make({ baseURL: 'http://127.0.0.1:1/v1', apiKey: 'sk-old', maxRetries: 0 });
  client.baseURL = region.baseURL;
  client.apiKey = 'sk-new';
  client.timeout = 7_000;
  const answer = await client.chat.completions.create(question('hello'));
  client.maxRetries = 1;
  region.fault({ kind: 'status', status: 500, times: 1 });
  await client.models.list();
  return { answer, requests: simulator.log.length };
});

both('asks a function for the key before each request', async ({ make }) => {
  let asked = 0;
  const apiKey = async () => {
    asked += 1;
    return `sk-${asked}`;
  };
  const client = make({ apiKey });
  await client.chat.completions.create(question('hello'));
  await client.chat.completions.create(question('hello again'));
  return { asked };
});

both('throws the same error when the function has no key', ({ make }) =>
  failureOf(() =>
    make({ apiKey: () => Promise.reject(new Error('no key today')) }).chat.completions.create(question('hello')),
  ),
);

both('tells a logger the same at every level', async ({ make, region }) => {
  const lines: unknown[] = [];
  const note = (level: string) => (message: string, details?: unknown) => {
    // A router tells of what it does besides, under the id of the call.
    if (/^\[(?:[0-9a-z]{6}-\d+|breakwater)\]/.test(message)) return;
    const { options: _options, ...rest } = (details ?? {}) as { options?: unknown };
    lines.push([level, message, rest]);
  };
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const client = make({ logger, logLevel: 'debug', maxRetries: 0 });
  await client.chat.completions.create(question('hello'));
  region.fault({ kind: 'status', status: 400 });
  await failureOf(() => client.chat.completions.create(question('hello')));
  return { lines };
});

both('builds requests, headers and addresses by itself as well', async ({ client }) => {
  const { req, url, timeout } = await client.buildRequest({
    method: 'post',
    path: '/x',
    body: { a: 1 },
    query: { b: 2 },
  });
  const { headers, body, method } = req;
  return { url, timeout, headers, body, method, built: client.buildURL('/y', { c: [1, 2] }) };
});

both('shows the same options and members', async ({ client, make }) => {
  const { baseURL, apiKey, organization, project, maxRetries, timeout, logLevel } = make({ organization: 'org' });
  const { name } = client.constructor;
  return {
    baseURL,
    apiKey,
    organization,
    project,
    maxRetries,
    timeout,
    logLevel,
    name,
    keys: Object.keys(client).sort(),
  };
});

both('refuses the same options', async ({ bare, make }) => ({
  key: await failureOf(() => {
    const client = withEnvironment({ OPENAI_API_KEY: undefined }, () => bare({ baseURL: 'http://127.0.0.1:1/v1' }));
    return client.chat.completions.create(question('hello'));
  }),
  timeout: await failureOf(() => make().models.list({ timeout: -1 })),
  path: await failureOf(() => make().models.retrieve('')),
}));

const CUSTOM_HEADERS = VERSION.startsWith('5') ? undefined : 'x-from: the environment\nx-also: this';

both('reads the environment', async ({ bare, region }) => {
  const client = withEnvironment(
    {
      OPENAI_API_KEY: 'sk-environment',
      OPENAI_BASE_URL: region.baseURL,
      OPENAI_ORG_ID: 'org-environment',
      OPENAI_PROJECT_ID: 'proj-environment',
      OPENAI_CUSTOM_HEADERS: CUSTOM_HEADERS,
    },
    () => bare(),
  );
  const { apiKey, baseURL, organization, project } = client;
  const answer = await client.chat.completions.create(question('hello'));
  return { apiKey, baseURL, organization, project, answer };
});

both('prefers options to the environment', async ({ make }) => {
  const client = withEnvironment({ OPENAI_API_KEY: 'sk-environment', OPENAI_BASE_URL: 'http://127.0.0.1:1' }, () =>
    make(),
  );
  return client.chat.completions.create(question('hello'));
});

/** Runs something that reads the environment at once; nothing else can run meanwhile. */
function withEnvironment<Result>(changes: Record<string, string | undefined>, run: () => Result): Result {
  const before = { ...process.env };
  try {
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    return run();
  } finally {
    for (const name of Object.keys(changes)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
