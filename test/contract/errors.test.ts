import type { Fault } from '@breakwater/simulator';
import { both, type Mode } from './harness.js';
import { failureOf, readAll } from './plain.js';
import { question } from './questions.js';

const once = { client: { maxRetries: 0 } };

const REFUSALS: Readonly<Record<string, Fault>> = {
  'a bad request': { kind: 'status', status: 400 },
  'a wrong key': { kind: 'unauthorized' },
  'a forbidden country': { kind: 'status', status: 403 },
  'a conflict': { kind: 'status', status: 409 },
  'a body too large': { kind: 'status', status: 413 },
  'an unprocessable body': { kind: 'status', status: 422 },
  'a rate limit': { kind: 'rate-limit', retryAfterSeconds: 20 },
  'an empty account': { kind: 'quota' },
  'a prompt too long': { kind: 'context-length' },
  'a prompt refused': { kind: 'content-filter', code: 'content_policy_violation' },
  'a request timed out by the server': { kind: 'status', status: 408 },
  'a server error': { kind: 'status', status: 500 },
  'an overload': { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
  'an unknown status': { kind: 'status', status: 418 },
  'a status beyond the known': { kind: 'status', status: 529 },
  'a page instead of an error': { kind: 'status', status: 502, body: '<h1>Bad Gateway</h1>' },
  'an error with an empty body': { kind: 'status', status: 500, body: '' },
  'an error of another form': { kind: 'status', status: 400, body: { detail: 'nope', code: 7 } },
  'an error that is a text': { kind: 'status', status: 500, body: { error: 'broken' } },
};

for (const [what, fault] of Object.entries(REFUSALS)) {
  both(
    `throws the same error for ${what}`,
    async ({ client, region }) => {
      region.fault(fault);
      return {
        whole: await failureOf(() => client.chat.completions.create(question('hello'))),
      };
    },
    once,
  );
}

both(
  'throws the same error for a refused stream, a refused response and a refused list',
  async ({ make, region }) => {
    region.fault({ kind: 'status', status: 500 });
    return {
      // Each from a client of its own: what one call has taught a router is not the matter here.
      stream: await failureOf(() => make(once.client).chat.completions.create({ ...question('hello'), stream: true })),
      helper: await failureOf(() => make(once.client).chat.completions.stream(question('hello')).finalMessage()),
      response: await failureOf(() => make(once.client).responses.create({ model: 'gpt-4.1', input: 'hello' })),
      list: await failureOf(() => make(once.client).files.list()),
      bare: await failureOf(() => make(once.client).chat.completions.create(question('hello')).asResponse()),
    };
  },
  once,
);

both('throws the same error for an unknown model', async ({ client }) =>
  failureOf(() => client.chat.completions.create({ ...question('hello'), model: 'gpt-0' })),
);

both('throws the same error for an unknown file', ({ client }) => failureOf(() => client.files.retrieve('file-none')));

both(
  'throws the same error when nobody listens',
  async ({ client, region }) => {
    region.fault({ kind: 'refuse' });
    return {
      whole: await failureOf(() => client.chat.completions.create(question('hello'))),
      list: await failureOf(() => client.models.list()),
    };
  },
  once,
);

both(
  'throws the same error when the connection is reset',
  async ({ client, region }) => {
    region.fault({ kind: 'reset' });
    return failureOf(() => client.chat.completions.create(question('hello')));
  },
  once,
);

both(
  'throws the same error for a host that does not exist',
  ({ make }) => failureOf(() => make({ baseURL: 'http://nowhere.invalid/v1', maxRetries: 0 }).models.list()),
  once,
);

/** Here a router knows better than the official client, which takes all of these for answers; see `routed.test.ts`. */
const plainly = { client: { maxRetries: 0 }, modes: ['without a router'] as const satisfies readonly Mode[] };

const BROKEN: Readonly<Record<string, Fault>> = {
  'a page with status 200': { kind: 'html' },
  'an answer without a body': { kind: 'empty' },
  'an answer without choices': { kind: 'no-choices' },
  'an answer cut off': { kind: 'cut', afterBytes: 40 },
  'broken JSON': { kind: 'malformed-event' },
};

for (const [what, fault] of Object.entries(BROKEN)) {
  both(
    `makes the same of ${what}`,
    async ({ client, region }) => {
      region.fault(fault);
      const settled = await client.chat.completions.create(question('hello')).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error }),
      );
      return { settled };
    },
    plainly,
  );
}

const BROKEN_STREAMS: Readonly<Record<string, Fault>> = {
  'a page': { kind: 'html' },
  nothing: { kind: 'empty' },
  'an error at once': { kind: 'stream-error' },
  'an error on the way': { kind: 'stream-error', afterTokens: 2 },
  'a cut': { kind: 'cut', afterTokens: 2 },
  'an end without an end': { kind: 'cut', afterTokens: 2, clean: true },
  'a broken event': { kind: 'malformed-event', afterTokens: 2 },
};

for (const [what, fault] of Object.entries(BROKEN_STREAMS)) {
  both(
    `makes the same of a stream with ${what}`,
    async ({ client, region }) => {
      region.fault(fault);
      return readAll(await client.chat.completions.create({ ...question('hello'), stream: true }));
    },
    plainly,
  );
}

both('reads a stream without its [DONE] to the same end', async ({ client, region }) => {
  region.fault({ kind: 'no-done' });
  return readAll(await client.chat.completions.create({ ...question('hello'), stream: true }));
});
