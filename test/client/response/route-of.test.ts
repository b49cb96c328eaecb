import { APIConnectionError } from 'openai';
import { describe, expect, test } from 'vitest';
import { rememberAnswer, rememberRoute, routeOf } from '../../../packages/client/src/response/route-of.js';
import { ask, errorOf, question, start } from '../setup.js';

type Route = NonNullable<ReturnType<typeof routeOf>>;
const route = { target: 'a/b' } as Route;

describe('the way of a call is known from', () => {
  test('the thing itself, an error around it, its headers, its controller', () => {
    const [thing, cause, headers] = [{}, new Error('below'), new Headers()];
    for (const known of [thing, cause, headers]) rememberRoute(known, route);
    expect(routeOf(thing)).toBe(route);
    expect(routeOf(new APIConnectionError({ cause }))).toBe(route);
    expect(routeOf({ headers })).toBe(route);
    const controller = new AbortController();
    rememberAnswer({ controller }, route);
    expect(routeOf({ controller })).toBe(route);
  });

  test.each([undefined, null, 7, 'text', {}, { controller: 1, headers: 'x', cause: 7 }])(
    'nothing else: %o',
    (thing) => {
      rememberRoute(thing === null || typeof thing !== 'object' ? thing : undefined, route);
      expect(routeOf(thing)).toBeUndefined();
    },
  );

  test('completions, streams, responses, pages, parsed answers and errors, and nothing is written into them', async () => {
    const { client, seoul } = await start();
    const targetOf = (thing: unknown) => routeOf(thing)?.target;
    const answer = await client.chat.completions.create(question());
    expect(targetOf(answer)).toBe('seoul/gpt-4.1');
    expect(JSON.stringify(answer)).not.toContain('seoul');
    expect(targetOf(await client.chat.completions.parse(question()))).toBe('seoul/gpt-4.1');
    expect(targetOf(await client.chat.completions.create({ ...question(), stream: true }))).toBe('seoul/gpt-4.1');
    expect(targetOf(await client.chat.completions.create(question()).asResponse())).toBe('seoul/gpt-4.1');
    const { data, response } = await client.responses.create({ model: 'gpt-4.1', input: 'hi' }).withResponse();
    expect([targetOf(data), targetOf(response)]).toEqual(['seoul/gpt-4.1', 'seoul/gpt-4.1']);
    expect(routeOf(await client.models.list())?.endpoint).toBe('seoul');
    seoul.fault({ kind: 'status', status: 400 });
    expect(targetOf(await errorOf(ask(client, false)))).toBe('seoul/gpt-4.1');
  });

  test('errors that no response tells of: the connection that could not be made, the abort', async () => {
    const { client, simulator } = await start({ client: { maxRetries: 0 } });
    for (const region of simulator.regions) region.fault({ kind: 'refuse' });
    const error = await errorOf(ask(client, false));
    expect(routeOf(error)?.attempts.map(({ endpoint, kind }) => `${endpoint} ${kind}`)).toEqual([
      'seoul connect',
      'tokyo connect',
    ]);
  });
});
