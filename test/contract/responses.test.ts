import { z } from 'zod';
import { both } from './harness.js';
import { describeResponse, failureOf, readAll } from './plain.js';
import { textFormat } from './schemas.js';

const asked = { model: 'gpt-4.1', input: 'hello' };

both('answers a response', ({ client }) => client.responses.create(asked));

both('streams the events of a response', async ({ client }) => {
  const stream = await client.responses.create({ ...asked, stream: true });
  return { class: stream.constructor, ...(await readAll(stream)) };
});

both('gives the helper of a response stream the same events', async ({ client }) => {
  const stream = client.responses.stream(asked);
  const events: unknown[] = [];
  stream.on('event', (event) => events.push(event));
  stream.on('response.output_text.delta', (event) => events.push(['delta', event]));
  const final = await stream.finalResponse();
  return { events, final };
});

both('parses a response by its schema', ({ client }) =>
  client.responses.parse({ ...asked, text: { format: textFormat(z.object({ city: z.string() }), 'place') } }),
);

both('keeps, finds and forgets a response', async ({ client }) => {
  const { id } = await client.responses.create(asked);
  const found = await client.responses.retrieve(id);
  const next = await client.responses.create({ ...asked, previous_response_id: id });
  const gone = await client.responses.delete(id);
  return { id, found, next, gone: gone ?? 'nothing', error: await failureOf(() => client.responses.retrieve(id)) };
});

both('hands over the bare response of a response', async ({ client }) =>
  describeResponse(await client.responses.create(asked).asResponse()),
);

// Only what reads through our own methods could read it: to the platform's the response that a resource had added to was used up.
both(
  'hands over a bare response that the platform can read, whatever the resource makes of the answer',
  async ({ client }) => {
    const question = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'hello' }] };
    const calls = [
      client.responses.create(asked),
      client.chat.completions.create(question),
      client.chat.completions.parse(question),
      client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' }),
      client.models.list(),
    ];
    const read = async (call: (typeof calls)[number]) => Response.prototype.text.call(await call.asResponse());
    return (await Promise.all(calls.map(read))).map((text) => Object.keys(JSON.parse(text)));
  },
  { wire: false },
);
