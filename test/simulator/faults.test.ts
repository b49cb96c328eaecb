import type { Fault } from '@breakwater/simulator';
import { faultKinds } from '@breakwater/simulator';
import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { clientOf, failureOf, question, start } from './setup.js';

/** What a stream gave before it ended, and how it ended. */
async function streamed(client: OpenAI, text = 'echo: one two three four five'): Promise<string> {
  let said = '';
  let finish: string | null | undefined;
  try {
    const stream = await client.chat.completions.create({ ...question(text), stream: true }, { timeout: 150 });
    for await (const { choices } of stream) {
      said += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
    }
    return `${said}|${finish ?? 'unfinished'}`;
  } catch (error) {
    return `${said}|${(error as Error).constructor.name}`;
  }
}

/** The raw stream, as it arrives. */
async function raw(
  baseURL: string,
  path = '/chat/completions',
  body: object = question('echo: one two three four five'),
): Promise<string> {
  const response = await fetch(`${baseURL}${path}`, {
    method: 'POST',
    body: JSON.stringify({ ...body, stream: true }),
  });
  return response.text();
}

describe('a JSON call meets', () => {
  // Only those that never end are given little time: on a busy machine a hundred milliseconds may pass before anything comes.
  const timeoutFor = (failure: string) => (failure === 'APIConnectionTimeoutError' ? 100 : 10_000);

  test.each<[Fault, string]>([
    [{ kind: 'refuse' }, 'APIConnectionError'],
    [{ kind: 'reset' }, 'APIConnectionError'],
    [{ kind: 'silence' }, 'APIConnectionTimeoutError'],
    [{ kind: 'slow', addMs: 500 }, 'APIConnectionTimeoutError'],
    [{ kind: 'slow-first-token' }, 'APIConnectionTimeoutError'],
    [{ kind: 'status' }, 'InternalServerError 500'],
    [{ kind: 'status', status: 503 }, 'InternalServerError 503 service_unavailable'],
    [{ kind: 'status', status: 403, code: 'no_entry' }, 'PermissionDeniedError 403 no_entry'],
    [{ kind: 'status', status: 418 }, 'APIError 418'],
    [{ kind: 'rate-limit' }, 'RateLimitError 429 rate_limit_exceeded'],
    [{ kind: 'unauthorized' }, 'AuthenticationError 401 invalid_api_key'],
    [{ kind: 'quota' }, 'RateLimitError 429 insufficient_quota'],
    [{ kind: 'context-length' }, 'BadRequestError 400 context_length_exceeded'],
    [{ kind: 'content-filter' }, 'BadRequestError 400 content_filter'],
    [{ kind: 'content-filter', code: 'content_policy_violation' }, 'BadRequestError 400 content_policy_violation'],
    [{ kind: 'cut' }, 'TypeError'],
    [{ kind: 'cut', clean: true }, 'SyntaxError'],
    [{ kind: 'malformed-event' }, 'SyntaxError'],
  ])('%o', async (fault, failure) => {
    const { region, client, simulator } = await start();
    const off = region.fault(fault);
    expect(await failureOf(client.chat.completions.create(question('hi'), { timeout: timeoutFor(failure) }))).toBe(
      failure,
    );
    if (fault.kind !== 'refuse') expect(simulator.log[0]?.fault).toBe(fault.kind);
    off();
    await region.ready();
    expect((await client.chat.completions.create(question('echo: back'))).choices[0]?.message.content).toBe('back');
  });

  test.each<[Fault, string]>([
    [{ kind: 'headers-only' }, ''],
    [{ kind: 'stall', afterBytes: 10 }, '{"id":"cha'],
  ])('%o: headers, then nothing more', async (fault, begun) => {
    const { region, simulator } = await start();
    region.fault(fault);
    const leaving = new AbortController();
    const response = await fetch(`${region.baseURL}/chat/completions`, {
      ...{ method: 'POST', body: JSON.stringify(question('hi')), signal: leaving.signal },
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    if (begun !== '') expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(begun);
    const more = reader?.read().catch((error: Error) => error.name);
    const pause = new Promise((resolve) => setTimeout(resolve, 30, 'nothing'));
    expect(await Promise.race([more, pause])).toBe('nothing');
    expect(simulator.log[0]?.ending).toBe('open');
    leaving.abort();
    expect(await more).toBe('AbortError');
  });

  test.each<[Fault, unknown]>([
    [{ kind: 'html' }, expect.stringContaining('<html>')],
    [{ kind: 'no-choices' }, expect.objectContaining({ object: 'chat.completion', choices: [] })],
    [{ kind: 'stream-error', code: 'overloaded' }, { error: expect.objectContaining({ code: 'overloaded' }) }],
  ])('%o: status 200 and nonsense', async (fault, body) => {
    const { region, client } = await start();
    region.fault(fault);
    expect(await client.chat.completions.create(question('hi'))).toEqual(body);
  });

  test('an empty body with status 200', async () => {
    const { region } = await start();
    region.fault({ kind: 'empty' });
    const response = await fetch(`${region.baseURL}/models`);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('a rate limit with its headers', async () => {
    const { region, client } = await start();
    region.fault({ kind: 'rate-limit', retryAfterSeconds: 20, dimension: 'tokens' });
    const error = (await client.models.list().catch((failure: unknown) => failure)) as InstanceType<
      typeof OpenAI.APIError
    >;
    expect(error.headers?.get('retry-after')).toBe('20');
    expect(error.headers?.get('x-ratelimit-remaining-tokens')).toBe('0');
    expect(error.headers?.get('x-ratelimit-reset-tokens')).toBe('20s');
    expect(error.type).toBe('tokens');
  });

  test('a status with a body and headers of its own', async () => {
    const { region } = await start();
    region.fault({
      kind: 'status',
      status: 502,
      body: '<h1>Bad gateway</h1>',
      headers: { 'x-proxy': 'edge' },
      retryAfter: 'Fri, 20 Nov 2026 14:00:00 GMT',
    });
    const response = await fetch(`${region.baseURL}/models`);
    expect([response.status, await response.text()]).toEqual([502, '<h1>Bad gateway</h1>']);
    expect(response.headers.get('x-proxy')).toBe('edge');
    expect(response.headers.get('retry-after')).toBe('Fri, 20 Nov 2026 14:00:00 GMT');
  });
});

describe('a stream meets', () => {
  test.each<[Fault, string]>([
    [{ kind: 'cut' }, 'one two three|TypeError'],
    [{ kind: 'cut', afterTokens: 1 }, 'one|TypeError'],
    [{ kind: 'cut', afterTokens: 0 }, '|TypeError'],
    [{ kind: 'cut', afterTokens: 99 }, 'one two three four five|TypeError'],
    [{ kind: 'cut', afterEvents: 3 }, 'one two|TypeError'],
    [{ kind: 'cut', afterTokens: 2, clean: true }, 'one two|unfinished'],
    [{ kind: 'malformed-event', afterTokens: 2 }, 'one two|SyntaxError'],
    [{ kind: 'no-done' }, 'one two three four five|stop'],
    [{ kind: 'no-choices' }, '|unfinished'],
    [{ kind: 'empty' }, '|unfinished'],
    [{ kind: 'html' }, '|unfinished'],
    [{ kind: 'stream-error' }, '|APIError'],
    [{ kind: 'stream-error', afterTokens: 2 }, 'one two|APIError'],
  ])('%o', async (fault, told) => {
    const { region, client } = await start();
    region.fault(fault);
    expect(await streamed(client)).toBe(told);
  });

  test('a stall: what came before it arrives, then nothing', async () => {
    const { region, client, simulator } = await start();
    region.fault({ kind: 'stall', afterTokens: 2 });
    const stream = await client.chat.completions.create({ ...question('echo: one two three'), stream: true });
    const seen: string[] = [];
    const patience = setTimeout(() => stream.controller.abort(), 50);
    for await (const { choices } of stream) seen.push(choices[0]?.delta.content ?? '');
    clearTimeout(patience);
    expect(seen.join('')).toBe('one two');
    await expect.poll(() => simulator.log[0]?.ending).toBe('client-left');
  });

  test('a broken line that takes nothing of the answer', async () => {
    const { region } = await start();
    region.fault({ kind: 'malformed-event', afterTokens: 2 });
    const lines = (await raw(region.baseURL)).split('\n').filter((line) => line.startsWith('data: {'));
    const parsed = lines.map((line) => {
      try {
        return JSON.parse(line.slice(6)) as OpenAI.ChatCompletionChunk;
      } catch {
        return undefined;
      }
    });
    expect(parsed.filter((chunk) => chunk === undefined)).toHaveLength(1);
    expect(parsed.map((chunk) => chunk?.choices[0]?.delta.content ?? '').join('')).toBe('one two three four five');
  });

  test('a missing [DONE] after a finish', async () => {
    const { region } = await start();
    expect(await raw(region.baseURL)).toMatch(/data: \[DONE\]\n\n$/);
    region.fault({ kind: 'no-done' });
    const text = await raw(region.baseURL);
    expect(text).not.toContain('[DONE]');
    expect(text).toContain('"finish_reason":"stop"');
  });

  test('a cut after so many bytes', async () => {
    const { region } = await start();
    const whole = await raw(region.baseURL);
    region.fault({ kind: 'cut', afterBytes: 500, clean: true });
    const part = await raw(region.baseURL);
    expect(part).toHaveLength(500);
    expect(part.slice(0, 15)).toBe(whole.slice(0, 15));
  });

  test('a slow first token: headers and role at once, the text late', async () => {
    const { region, client } = await start();
    region.fault({ kind: 'slow-first-token', delayMs: 300 });
    const startedAt = performance.now();
    const stream = await client.chat.completions.create({ ...question('echo: one two'), stream: true });
    expect(performance.now() - startedAt).toBeLessThan(250);
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  test('an in-band error of the Responses API', async () => {
    const { region, client } = await start();
    region.fault({ kind: 'stream-error', code: 'rate_limit_exceeded', afterTokens: 1 });
    const types: string[] = [];
    const failure = failureOf(
      (async () => {
        for await (const { type } of await client.responses.create({ model: 'gpt-4.1', input: 'hi', stream: true }))
          types.push(type);
      })(),
    );
    expect(await failure).toBe('APIError rate_limit_exceeded');
    expect(types.at(-1)).toBe('response.output_text.delta');
  });

  test('a Responses stream that ends without its completion', async () => {
    const { region } = await start();
    region.fault({ kind: 'cut', clean: true, afterTokens: 999 });
    const text = await raw(region.baseURL, '/responses', { model: 'gpt-4.1', input: 'hi' });
    expect(text).toContain('event: response.output_item.done');
    expect(text).not.toContain('event: response.completed');
  });
});

describe('faults are aimed', () => {
  test('at one model, and only it is healed', async () => {
    const { region, client } = await start();
    const ask = (model: string) =>
      client.chat.completions.create({ ...question('hi'), model }).then(
        () => 'ok',
        () => 'failed',
      );
    region.model('gpt-4.1').fault({ kind: 'status', status: 503 });
    region.fault({ kind: 'status', status: 500, models: ['gpt-4o'] });
    expect([await ask('gpt-4.1'), await ask('gpt-4o'), await ask('o4-mini')]).toEqual(['failed', 'failed', 'ok']);
    region.model('gpt-4.1').heal();
    expect([await ask('gpt-4.1'), await ask('gpt-4o')]).toEqual(['ok', 'failed']);
    region.heal();
    expect(await ask('gpt-4o')).toBe('ok');
  });

  test('at one region', async () => {
    const { simulator } = await start({ regions: { seoul: {}, tokyo: {} } });
    simulator.region('seoul').fault({ kind: 'refuse' });
    expect(await failureOf(clientOf(simulator, 'seoul').models.list())).toBe('APIConnectionError');
    expect((await clientOf(simulator, 'tokyo').models.list()).data).not.toHaveLength(0);
    simulator.heal();
    await simulator.region('seoul').ready();
    expect((await clientOf(simulator, 'seoul').models.list()).data).not.toHaveLength(0);
  });

  test('at paths, for a number of times', async () => {
    const { region, client } = await start();
    region.fault({ kind: 'status', status: 500, paths: ['/chat/completions'], times: 2 });
    await client.models.list();
    const ask = () =>
      client.chat.completions.create(question('hi')).then(
        () => 'ok',
        () => 'failed',
      );
    expect([await ask(), await ask(), await ask()]).toEqual(['failed', 'failed', 'ok']);
  });

  test('by chance, the same for the same seed', async () => {
    const trail = async (seed: number) => {
      const { region } = await start({ seed });
      region.fault({ kind: 'status', status: 500, probability: 0.5 });
      const statuses: number[] = [];
      for (let count = 0; count < 24; count += 1) {
        const response = await fetch(`${region.baseURL}/models`);
        await response.arrayBuffer();
        statuses.push(response.status);
      }
      return statuses.join(' ');
    };
    const first = await trail(3);
    expect(await trail(3)).toBe(first);
    expect(await trail(4)).not.toBe(first);
    expect(new Set(first.split(' '))).toEqual(new Set(['200', '500']));
  });

  test('the last one switched on decides, and slowness adds to it', async () => {
    const { region, client, simulator } = await start();
    region.fault({ kind: 'slow', addMs: 30 });
    region.fault({ kind: 'status', status: 500 });
    const off = region.fault({ kind: 'status', status: 418 });
    expect(await failureOf(client.models.list())).toBe('APIError 418');
    off();
    off();
    expect(await failureOf(client.models.list())).toBe('InternalServerError 500');
    expect(simulator.log.every(({ durationMs = 0 }) => durationMs >= 29)).toBe(true);
  });

  test('a refused port opens only when the last refusal is over', async () => {
    const { region } = await start();
    const reach = () =>
      fetch(`${region.baseURL}/models`).then(
        ({ status }) => status,
        (error: Error) => (error.cause as { code?: string }).code,
      );
    const [one, other] = [region.fault({ kind: 'refuse' }), region.fault({ kind: 'refuse' })];
    expect(await reach()).toBe('ECONNREFUSED');
    one();
    expect(await reach()).toBe('ECONNREFUSED');
    other();
    region.fault({ kind: 'refuse' });
    await region.ready();
    expect(await reach()).toBe('ECONNREFUSED');
    region.heal();
    await region.ready();
    expect(await reach()).toBe(200);
  });

  test('a request under way when its region starts to refuse is torn', async () => {
    const { region, client, simulator } = await start({ latencyMs: 1000 });
    const call = failureOf(client.models.list());
    await expect.poll(() => simulator.log.length).toBe(1);
    region.fault({ kind: 'refuse' });
    expect(await call).toBe('APIConnectionError');
    expect(simulator.log[0]).toMatchObject({ fault: 'refuse', ending: 'faulted' });
  });
});

describe('faults are checked', () => {
  test.each<[unknown, string]>([
    [{ kind: 'explode' }, 'there are refuse, reset, silence'],
    [{ kind: 'toString' }, 'There is no fault "toString"'],
    [undefined, 'must be an object with a kind'],
    [{ kind: 'status', status: 99 }, 'status.status must be a status from 200 to 599, but is 99'],
    [
      { kind: 'cut', afterToken: 3 },
      'cut.afterToken is not known (its fields are afterTokens, afterEvents, afterBytes, clean',
    ],
    [{ kind: 'slow', addMs: -1, times: 0 }, 'slow.addMs must be a number of 0 or more, but is -1; slow.times must'],
    [{ kind: 'refuse', times: 1 }, 'refuse.times is not known (its fields are none but kind)'],
  ])('%o', async (fault, message) => {
    const { region } = await start();
    expect(() => region.fault(fault as Fault)).toThrow(message);
  });

  test('a model cannot refuse connections, and must be served', async () => {
    const { region } = await start();
    expect(() => region.model('gpt-4.1').fault({ kind: 'refuse' })).toThrow('cannot refuse connections');
    expect(() => region.model('gpt-0')).toThrow('has no model "gpt-0"');
  });

  test('every kind is told of', () => {
    expect(faultKinds).toHaveLength(20);
  });
});
