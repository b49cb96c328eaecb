import { z } from 'zod';
import { both } from './harness.js';
import { failureOf, readAll } from './plain.js';
import { question } from './questions.js';
import { functionTool, responseFormat } from './schemas.js';

const city = z.object({ name: z.string(), inhabitants: z.number().int(), coastal: z.boolean() });

/** A tool that notes what it was asked. */
function weather(asked: unknown[]) {
  return {
    type: 'function' as const,
    function: {
      name: 'weather',
      description: 'The weather in a city.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      parse: JSON.parse,
      function: (args: unknown) => {
        asked.push(args);
        return 'sunny';
      },
    },
  };
}

both('parses an answer by its schema', async ({ client }) => {
  const params = { ...question('a city'), response_format: responseFormat(city, 'city') };
  const parsed = await client.chat.completions.parse(params);
  const { data, request_id } = await client.chat.completions.parse(params).withResponse();
  return { parsed, data, request_id };
});

both('parses the arguments of tools', ({ client }) =>
  client.chat.completions.parse({
    ...question('call locate'),
    tools: [functionTool('locate', z.object({ city: z.string() }))],
  }),
);

both('refuses to parse an answer that was cut short', ({ client }) =>
  failureOf(() =>
    client.chat.completions.parse({
      ...question('a city'),
      response_format: responseFormat(city, 'city'),
      max_tokens: 1,
    }),
  ),
);

both('parses a stream as it comes', async ({ client }) => {
  const stream = client.chat.completions.stream({
    ...question('a city'),
    response_format: responseFormat(city, 'city'),
  });
  const events = await readAll(stream);
  return { events, final: (await stream.finalChatCompletion()).choices[0]?.message.parsed };
});

both('runs tools until the model has its answer', async ({ client }) => {
  const asked: unknown[] = [];
  const runner = client.chat.completions.runTools({ ...question('call weather'), tools: [weather(asked)] });
  const events: unknown[] = [];
  runner.on('message', (message) => events.push(['message', message]));
  runner.on('functionToolCallResult', (result) => events.push(['result', result]));
  const content = await runner.finalContent();
  return { content, asked, events, messages: runner.messages, usage: await runner.totalUsage() };
});

both('runs tools over streams', async ({ client }) => {
  const asked: unknown[] = [];
  const runner = client.chat.completions.runTools({
    ...question('call weather'),
    tools: [weather(asked)],
    stream: true,
  });
  const chunks = await readAll(runner);
  return { asked, chunks, messages: runner.messages };
});
