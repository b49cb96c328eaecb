import { both } from './harness.js';
import { describeResponse, readAll } from './plain.js';
import { question } from './questions.js';

both('answers a chat completion, down to its request id', ({ client }) =>
  client.chat.completions.create(question('hello')),
);

both(
  'answers what many callers ask at once',
  ({ client }) =>
    Promise.all(
      ['one', 'two', 'three'].map(async (text) => (await client.chat.completions.create(question(text))).choices),
    ),
  // Which of the three arrives first is chance.
  { wire: false },
);

both('hands over the response beside the data', async ({ client }) => {
  const { data, response, request_id } = await client.chat.completions.create(question('hello')).withResponse();
  const { status, url, headers, bodyUsed } = response;
  return { data, status, url, headers, bodyUsed, request_id };
});

both('hands over the bare response, unread', async ({ client }) => {
  const text = await client.chat.completions.create(question('hello')).asResponse();
  const json = await client.chat.completions.create(question('hello')).asResponse();
  const copied = await client.chat.completions.create(question('hello')).asResponse();
  const copy = copied.clone();
  const { url, type } = copy;
  return {
    whole: await describeResponse(await client.chat.completions.create(question('hello')).asResponse()),
    text: await text.text(),
    again: await text.text().catch((error: unknown) => error),
    json: (await json.json()) as unknown,
    used: json.bodyUsed,
    copies: [await copy.text(), await copied.text(), url, type],
  };
});

both('hands over a bare streamed response, byte for byte', async ({ client }) => {
  const response = await client.chat.completions.create({ ...question('hello'), stream: true }).asResponse();
  return describeResponse(response);
});

both('streams the same chunks', async ({ client }) => {
  const stream = await client.chat.completions.create({
    ...question('hello'),
    stream: true,
    stream_options: { include_usage: true },
  });
  return { class: stream.constructor, ...(await readAll(stream)), aborted: stream.controller.signal.aborted };
});

both('streams beside the response', async ({ client }) => {
  const { data, response, request_id } = await client.chat.completions
    .create({ ...question('hello'), stream: true })
    .withResponse();
  return {
    status: response.status,
    headers: response.headers,
    url: response.url,
    request_id,
    ...(await readAll(data)),
  };
});

both('splits a stream in two, and turns it into bytes', async ({ client }) => {
  const ask = () => client.chat.completions.create({ ...question('hello'), stream: true });
  const [left, right] = (await ask()).tee();
  const bytes = await readAll((await ask()).toReadableStream() as unknown as AsyncIterable<Uint8Array>);
  return { left: await readAll(left), right: await readAll(right), bytes };
});

both('gives the helper of a stream the same events in the same order', async ({ client }) => {
  const stream = client.chat.completions.stream(question('hello'));
  const events: unknown[] = [];
  for (const name of [
    'connect',
    'chunk',
    'content',
    'message',
    'finalContent',
    'finalMessage',
    'totalUsage',
    'end',
  ] as const) {
    stream.on(name, (...values: unknown[]) => events.push([name, ...values]));
  }
  const final = await stream.finalChatCompletion();
  return { events, final, messages: stream.messages, ended: stream.ended };
});
