import { describe, expect, test } from 'vitest';
import { World } from './world.js';

const big = { fallbacks: ['big'] };

describe('where a call goes on to', () => {
  test.each([
    ['the same model elsewhere, at once', 'a:503 b:200', 'a:overloaded b:ok'],
    ['elsewhere after a 500, without repeating it', 'a:500 b:200', 'a:server_error b:ok'],
    ['elsewhere after a reset', 'a:reset', 'a:reset b:ok'],
    ['elsewhere after a refused connection', 'a:connect', 'a:connect b:ok'],
    ['elsewhere after nonsense', 'a:malformed', 'a:malformed b:ok'],
    ['elsewhere after a rate limit, however short', 'a:429;after=1', 'a:rate_limit b:ok'],
    ['elsewhere after a model that is unknown there', 'a:404', 'a:not_found b:ok'],
    ['elsewhere after a conflict', 'a:409', 'a:conflict b:ok'],
    [
      'elsewhere after a stream that broke before its first content',
      'a:stream_error_early',
      'a:stream_error_early b:ok',
    ],
    ['another credential after a refused key', 'a:401', 'a:auth b:ok'],
    ['another credential after a used-up quota', 'a:402', 'a:quota b:ok'],
    [
      'the next model when all endpoints of the asked one failed',
      'a/m:500 b/m:connect',
      'a:server_error b:connect a/big:ok',
    ],
    [
      'the next model at all its endpoints',
      'a:500 b/m:500',
      'a:server_error b:server_error a/big:server_error b/big:ok',
    ],
    [
      'the next model, not the same elsewhere, when the prompt is too long',
      'a/m:context_window',
      'a:context_window a/big:ok',
    ],
  ])('%s', async (_, script, trail) => {
    const world = new World({ script });
    expect(await world.trail(big)).toBe(trail);
    expect(world.clock.now()).toBe(0);
  });

  test.each([
    ['the caller’s own mistake', '400', 'a:caller_error'],
    ['a content policy for which no model is named', 'content_policy', 'a:content_policy'],
    ['work that throws', 'throw', 'a:caller_error'],
  ])('nowhere after %s', async (_, word, trail) => {
    const world = new World({ script: `a:${word}` });
    expect(await world.trail(big)).toBe(trail);
  });

  test('to the named models alone after a prompt that is too long', async () => {
    const world = new World({ script: 'a/m:context_window a/long:500' });
    const named = { ...big, contextWindowFallbacks: ['long', 'longest'] };
    expect(await world.trail(named)).toBe('a:context_window a/long:server_error b/long:ok');
  });

  test('through the named models one by one while the prompt is too long for them too', async () => {
    const world = new World({ script: '*:context_window' });
    const named = { ...big, contextWindowFallbacks: ['long', 'longest'] };
    expect(await world.trail(named)).toBe('a:context_window a/long:context_window a/longest:context_window');
  });

  // Alone was what the asked model's target had been: with several targets of the named one a dead key was asked in every call again,
  // and a silent target could take all of the time.
  test('through the named models as through any others, where the asked model had a single target', async () => {
    const named = { contextWindowFallbacks: ['long'] };
    const world = new World({ endpoints: 'a=m b=long c=long', script: 'a:context_window b:401' });
    expect(await world.trail(named)).toBe('a:context_window b/long:auth c/long:ok');
    expect(await world.trail(named)).toBe('a:context_window c/long:ok');
    const silent = new World({ endpoints: 'a=m b=long c=long', script: 'a:context_window b:hang' });
    expect(await silent.trail(named)).toBe('a:context_window b/long:attempt_timeout c/long:ok');
  });

  test('to the model that is named for a refused content, and to no other', async () => {
    const world = new World({ script: 'a/m:content_policy a/mild:500 b/mild:500' });
    const named = { ...big, contentPolicyFallbacks: ['mild'], maxRetries: 0 };
    expect(await world.trail(named)).toBe('a:content_policy a/mild:server_error b/mild:server_error');
  });

  test('past endpoints that share the refused credential', async () => {
    const world = new World({ endpoints: 'a@shared b@shared c', script: 'a:401 b:401' });
    expect(await world.trail()).toBe('a:auth c:ok');
    const lonely = new World({ endpoints: 'a@shared b@shared', script: 'a:401' });
    expect(await lonely.trail(big)).toBe('a:auth');
  });

  test('to a healthy fourth model when three are down', async () => {
    const world = new World({ endpoints: 'a b', script: 'a/four:200 *:503;after=9000' });
    const trail = await world.trail({ fallbacks: ['two', 'three', 'four'] });
    expect(trail.split(' ')).toHaveLength(7);
    expect(trail).toMatch(/a\/four:ok$/);
  });
});

describe('what bounds a call', () => {
  test('maxAttempts, over all targets', async () => {
    const world = new World({ endpoints: 'a b c', script: '*:500', retries: { maxAttempts: 4 } });
    const { route } = await world.run({ fallbacks: ['big', 'bigger'] });
    expect(route.attempts).toHaveLength(4);
  });

  test('eight attempts by default', async () => {
    const world = new World({ endpoints: 'a b c d e f g h i', script: '*:500' });
    expect((await world.run()).route.attempts).toHaveLength(8);
  });

  test('no attempt begins with less than 250 ms left', async () => {
    const world = new World({ script: 'a:500;takes=751' });
    expect(await world.trail({ timeoutMs: 1_000, clocks: { attemptMs: 900 } })).toBe('a:server_error');
    const enough = new World({ script: 'a:500;takes=750' });
    expect(await enough.trail({ timeoutMs: 1_000, clocks: { attemptMs: 900 } })).toBe('a:server_error b:ok');
  });

  test('no attempt begins with less than a twentieth of the time left', async () => {
    const world = new World({ script: 'a:500;takes=95001' });
    expect(await world.trail({ timeoutMs: 100_000, clocks: { attemptMs: 99_000 } })).toBe('a:server_error');
    const enough = new World({ script: 'a:500;takes=95000' });
    expect(await enough.trail({ timeoutMs: 100_000, clocks: { attemptMs: 99_000 } })).toBe('a:server_error b:ok');
  });

  test('nor after a wait that would leave less than that', async () => {
    const call = { timeoutMs: 100_000, clocks: { attemptMs: 99_000 } };
    const world = new World({ endpoints: 'a', script: 'a:429;takes=94000;after=2000 a:200' });
    expect(await world.trail(call)).toBe('a:rate_limit');
    const enough = new World({ endpoints: 'a', script: 'a:429;takes=92000;after=2000 a:200' });
    expect(await enough.trail(call)).toBe('a:rate_limit a:ok');
  });

  test('a body that is gone once sent gets one attempt', async () => {
    const world = new World({ script: 'a:503' });
    expect(await world.trail({ ...big, repeatable: false })).toBe('a:overloaded');
  });

  test('a call with state on a server stays at the first endpoint', async () => {
    const world = new World({ script: 'a:500 a:500 a:200' });
    expect(await world.trail({ ...big, movable: false })).toBe('a:server_error a:server_error a:ok');
    const named = { movable: false, contextWindowFallbacks: ['long'], contentPolicyFallbacks: ['mild'] };
    for (const word of ['context_window', 'content_policy']) {
      world.script = new World({ script: `a:${word}` }).script;
      expect(await world.trail(named)).toBe(`a:${word}`);
    }
  });

  test('a pinned call is served by its endpoint alone, with other models too', async () => {
    const world = new World({ script: 'b/m:503;after=9000' });
    expect(await world.trail({ ...big, endpoint: 'b' })).toBe('b:overloaded b/big:ok');
  });

  test('a model that nobody serves leads to no attempt and says so', async () => {
    const world = new World({ endpoints: 'a=big b=big' });
    expect((await world.run()).outcome).toMatchObject({
      kind: 'no_target',
      message: 'no endpoint serves the model "m"',
    });
    const pinned = await world.run({ model: 'big', endpoint: 'nowhere' });
    expect(pinned.outcome).toMatchObject({ message: 'endpoint "nowhere" does not serve the model "big"' });
    expect(pinned.route.attempts).toEqual([]);
  });
});
