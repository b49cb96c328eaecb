import type { Region, Simulator } from '@breakwater/simulator';
import { VERSION } from 'openai/version';
import { both, type Settings } from './harness.js';
import { failureOf, readAll } from './plain.js';
import { question } from './questions.js';

/** Resolves when the simulator has seen so many requests. */
async function arrived(simulator: Simulator, count: number): Promise<void> {
  while (simulator.log.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** An error's class and everything it says of itself, but not what caused it. */
function withoutCause(error: unknown): unknown {
  const { cause: _cause, ...fields } = error as Error;
  return { ...fields, class: (error as Error).constructor, message: (error as Error).message };
}

/** Before 7 the official client lets the platform's own error through when it is aborted while it reads; a router never does. */
const inReading: Settings = VERSION.startsWith('7') ? {} : { modes: ['without a router'] };

const slowly = { simulator: { tokensPerSecond: 200, answerTokens: [20, 20] as const } };

/** Lets the answers go silent on the way: however long the machine stands still, only a caller who leaves ends the reading. */
function neverWhole(region: Region): void {
  region.fault({ kind: 'stall', afterTokens: 12 });
}

both('rejects with the same error when the signal was aborted before', async ({ client }) => {
  const signal = AbortSignal.abort();
  return {
    whole: await failureOf(() => client.chat.completions.create(question('hello'), { signal })),
    stream: await failureOf(() => client.chat.completions.create({ ...question('hello'), stream: true }, { signal })),
    list: await failureOf(() => client.files.list({}, { signal })),
    reason: await failureOf(() => client.models.list({ signal: AbortSignal.abort(new RangeError('enough')) })),
  };
});

both('rejects with the same error when the caller leaves before the headers', async ({ client, region, simulator }) => {
  region.fault({ kind: 'silence' });
  const controller = new AbortController();
  const whole = failureOf(() => client.chat.completions.create(question('hello'), { signal: controller.signal }));
  await arrived(simulator, 1);
  controller.abort();
  return { error: await whole };
});

both(
  'rejects with the same error when the caller leaves during the body',
  async ({ make, region }) => {
    region.fault({ kind: 'headers-only' });
    let hasHeaders: () => void;
    const headers = new Promise<void>((resolve) => {
      hasHeaders = resolve;
    });
    const telling: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      hasHeaders();
      return response;
    };
    const client = make({ fetch: telling });
    const controller = new AbortController();
    const { signal } = controller;
    const whole = failureOf(() => client.chat.completions.create(question('hello'), { signal }));
    await headers;
    // A moment later the client is reading.
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    // A router is still waiting when the official client is reading: what it is interrupted in, and so the cause, is another.
    return withoutCause(await whole);
  },
  inReading,
);

both('does not try again after an abort during the wait', async ({ client, region, simulator }) => {
  region.fault({ kind: 'status', status: 500 });
  const controller = new AbortController();
  const call = failureOf(() =>
    client.chat.completions.create(question('hello'), { signal: controller.signal, maxRetries: 1 }),
  );
  await arrived(simulator, 1);
  // The answer has to be read before there is a wait to be aborted.
  await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  return { error: await call };
});

both(
  'ends a stream without an error when its signal is aborted on the way',
  async ({ client, region }) => {
    neverWhole(region);
    const controller = new AbortController();
    const { signal } = controller;
    const stream = await client.chat.completions.create({ ...question('hello'), stream: true }, { signal });
    const seen: unknown[] = [];
    let error: unknown;
    try {
      for await (const chunk of stream) {
        seen.push(chunk);
        if (seen.length === 3) controller.abort();
      }
    } catch (thrown) {
      error = thrown;
    }
    // What had arrived together with the third chunk is still handed out: how much that is, is chance.
    return { first: seen.slice(0, 3), error, aborted: stream.controller.signal.aborted };
  },
  slowly,
);

both(
  'ends a stream without an error when its own controller aborts',
  async ({ client, region }) => {
    neverWhole(region);
    const stream = await client.chat.completions.create({ ...question('hello'), stream: true });
    let seen = 0;
    for await (const _chunk of stream) {
      seen += 1;
      if (seen === 3) stream.controller.abort();
    }
    return {
      again: await failureOf(async () => readAll(stream).then(({ error }) => Promise.reject(error))),
    };
  },
  slowly,
);

both(
  'closes the connection when a reader breaks off',
  async ({ client, region, simulator }) => {
    neverWhole(region);
    const stream = await client.chat.completions.create({ ...question('hello'), stream: true });
    for await (const _chunk of stream) break;
    const entry = simulator.log[0];
    while (entry?.ending === 'open') await new Promise((resolve) => setTimeout(resolve, 1));
    return { aborted: stream.controller.signal.aborted, ending: entry?.ending };
  },
  slowly,
);

both(
  'tells the helper of a stream of an abort',
  async ({ client, region }) => {
    neverWhole(region);
    const stream = client.chat.completions.stream(question('hello'));
    const events: unknown[] = [];
    stream.on('abort', (error) => events.push(['abort', error]));
    stream.on('end', () => events.push(['end']));
    stream.once('content', () => stream.abort());
    const error = await failureOf(() => stream.finalMessage());
    return { events, error, aborted: stream.aborted, errored: stream.errored };
  },
  slowly,
);

both(
  'aborts the stream of a response',
  async ({ client, region }) => {
    neverWhole(region);
    const controller = new AbortController();
    const { signal } = controller;
    const asked = { model: 'gpt-4.1', input: 'hello', stream: true as const };
    const stream = await client.responses.create(asked, { signal });
    let seen = 0;
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') seen += 1;
      if (seen === 2) controller.abort();
    }
    return { aborted: stream.controller.signal.aborted };
  },
  slowly,
);

both(
  'times out with the same error, by the client or by the request',
  async ({ make, region }) => {
    region.fault({ kind: 'silence' });
    const client = make({ timeout: 30, maxRetries: 0 });
    const patient = make({ maxRetries: 0 });
    const stream = { ...question('hello'), stream: true as const };
    const errors = await Promise.all([
      failureOf(() => client.chat.completions.create(question('hello'))),
      failureOf(() => patient.chat.completions.create(question('hello'), { timeout: 30 })),
      failureOf(() => patient.chat.completions.create(stream, { timeout: 30 })),
      failureOf(() => patient.files.list({}, { timeout: 30 })),
    ]);
    return { errors: VERSION.startsWith('7') ? errors : errors.map(withoutCause) };
  },
  { wire: false },
);

both(
  'does not count the reading of a stream against the timeout',
  async ({ make }) => {
    const client = make({ timeout: 1_200, maxRetries: 0 });
    return readAll(await client.chat.completions.create({ ...question('hello'), stream: true }));
  },
  // A second and a half of tokens; the first has to be there in time even on a busy machine.
  { simulator: { tokensPerSecond: 13, answerTokens: [20, 20] } },
);
