import type { Fault } from '@breakwater/simulator';
import { both, type Stage } from './harness.js';
import { failureOf, readAll } from './plain.js';
import { question } from './questions.js';

const ask = ({ client }: Stage) => client.chat.completions.create(question('hello'));

const MENDED: Readonly<Record<string, Fault>> = {
  'a server error': { kind: 'status', status: 500, times: 1 },
  'a bad gateway': { kind: 'status', status: 502, times: 1 },
  'a conflict': { kind: 'status', status: 409, times: 1 },
  'a timeout of the server': { kind: 'status', status: 408, times: 1 },
  'a reset': { kind: 'reset', times: 1 },
  'a refusal that says it may be tried again': {
    kind: 'status',
    status: 400,
    headers: { 'x-should-retry': 'true' },
    times: 1,
  },
};

for (const [what, fault] of Object.entries(MENDED)) {
  // The wire tells of two requests, the second with a retry count of 1.
  both(`tries again after ${what}, and gives the same answer`, (stage) => {
    stage.region.fault(fault);
    return ask(stage);
  });
}

const FINAL: Readonly<Record<string, Fault>> = {
  'a bad request': { kind: 'status', status: 400 },
  'a wrong key': { kind: 'unauthorized' },
  'an unknown place': { kind: 'status', status: 404 },
  'an unprocessable body': { kind: 'status', status: 422 },
  'a prompt too long': { kind: 'context-length' },
  'a server error that says it is final': { kind: 'status', status: 500, headers: { 'x-should-retry': 'false' } },
};

for (const [what, fault] of Object.entries(FINAL)) {
  both(`does not try again after ${what}`, (stage) => {
    stage.region.fault(fault);
    return failureOf(() => ask(stage));
  });
}

const LASTING: Readonly<Record<string, Fault>> = {
  'server errors': { kind: 'status', status: 500 },
  resets: { kind: 'reset' },
};

for (const [what, fault] of Object.entries(LASTING)) {
  both(`gives up on ${what} after the same three requests`, (stage) => {
    stage.region.fault(fault);
    return failureOf(() => ask(stage));
  });
}

both('makes no more than one request when told so', async ({ make, region }) => {
  region.fault({ kind: 'status', status: 500 });
  return {
    client: await failureOf(() => make({ maxRetries: 0 }).models.list()),
    request: await failureOf(() => make().chat.completions.create(question('hello'), { maxRetries: 0 })),
    list: await failureOf(() => make().files.list({}, { maxRetries: 0 })),
    raw: await failureOf(() => make().get('/models', { maxRetries: 0 })),
  };
});

const CALLS: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  'a stream': async ({ client }) =>
    readAll(await client.chat.completions.create({ ...question('hello'), stream: true })),
  'an upload': ({ client }) => client.files.create({ file: new File(['hello'], 'a.txt'), purpose: 'assistants' }),
  'a list': async ({ client }) => (await client.files.list()).data,
  'a raw request to a whole address': ({ client, region }) => client.get(`${region.baseURL}/models/gpt-4.1`),
};

for (const [what, call] of Object.entries(CALLS)) {
  both(`tries ${what} again`, (stage) => {
    stage.region.fault({ kind: 'status', status: 500, times: 1 });
    return call(stage);
  });
}
