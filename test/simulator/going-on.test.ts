import type { RegionOptions } from '@breakwater/simulator';
import { expect, test } from 'vitest';
import { failureOf, question, start } from './setup.js';

const TEXT = 'one two three four five six seven';
const SAID = 'one two three four';

type Turn = { readonly role: 'assistant' | 'user'; readonly content: string };

/** What a region answers when these turns follow on the question for the text. */
async function answerTo(region: RegionOptions, ...turns: readonly Turn[]): Promise<string> {
  const { client } = await start({ regions: { seoul: region } });
  const { model, messages } = question(`echo: ${TEXT}`);
  const { choices } = await client.chat.completions.create({ model, messages: [...messages, ...turns] });
  return choices[0]?.message.content ?? '';
}

const said: Turn = { role: 'assistant', content: SAID };
const told: Turn = { role: 'user', content: 'Go on. Begin with the last words, "three four", and nothing else.' };

test.each([
  ['prefill', ' five six seven'],
  ['ignore', TEXT],
  ['repeat', 'one two three four five six seven'],
] as const)('a last turn of the assistant is met with %s', async (continues, expected) => {
  expect(await answerTo({ continues }, said)).toBe(expected);
});

test('one that repeats itself says the last four words again', async () => {
  const longer: Turn = { role: 'assistant', content: 'one two three four five six' };
  expect(await answerTo({ continues: 'repeat' }, longer)).toBe('three four five six seven');
});

test('one that refuses says so as Anthropic does', async () => {
  const { client } = await start({ continues: 'refuse' });
  const call = client.chat.completions.create({ model: 'gpt-4.1', messages: [...question('hi').messages, said] });
  expect(await failureOf(call)).toBe('BadRequestError 400');
});

test('without a setting it answers what the user asked last, as the real API does', async () => {
  expect(await answerTo({}, said)).toBe(TEXT);
});

test.each([
  ['anchor', 'three four five six seven'],
  ['go-on', 'five six seven'],
  ['reword', 'Sure, going on: three four five six seven'],
] as const)('a user who quotes the last words is met with %s', async (instructed, expected) => {
  expect(await answerTo({ instructed }, said, told)).toBe(expected);
});

test('a user who quotes other words has asked something new', async () => {
  const { client } = await start();
  const messages = [...question(`echo: ${TEXT}`).messages, said, { role: 'user' as const, content: 'echo: "no"' }];
  const { choices } = await client.chat.completions.create({ model: 'gpt-4.1', messages });
  expect(choices[0]?.message.content).toBe('"no"');
});

test('an answer that was drawn is gone on with as well, and a limit is on the rest', async () => {
  const { client } = await start({ continues: 'prefill', answerTokens: [20, 20] });
  const ask = async (turns: readonly Turn[], max?: number) =>
    (
      await client.chat.completions.create({
        model: 'gpt-4.1',
        messages: [...question('hello').messages, ...turns],
        max_tokens: max ?? null,
      })
    ).choices[0];
  const whole = (await ask([]))?.message.content ?? '';
  const begun = whole.slice(0, whole.indexOf(' ', 30));
  expect(begun + (await ask([{ role: 'assistant', content: begun }]))?.message.content).toBe(whole);
  expect(await ask([{ role: 'assistant', content: begun }], 2)).toMatchObject({ finish_reason: 'length' });
});

test('a prompt that asks for an echo is gone on with behind its blank line', async () => {
  const { client } = await start();
  const ask = async (prompt: string) =>
    (await client.completions.create({ model: 'gpt-4.1', prompt, max_tokens: 99 })).choices[0]?.text;
  expect(await ask(`echo: ${TEXT}\n\n`)).toBe(`${TEXT}\n\n`);
  expect(await ask(`echo: ${TEXT}\n\n${SAID}`)).toBe(' five six seven\n\n');
  expect(await ask(`echo: ${TEXT}\n\nsix`)).toBe(`${TEXT}\n\nsix`);
});

test('the ways to go on are set while it runs, and wrong ones are named', async () => {
  const { region } = await start();
  region.set({ continues: 'prefill' });
  expect(region.settings.continues).toBe('prefill');
  expect(() => region.set({ continues: 'maybe' as 'prefill' })).toThrow(
    'regions.local.continues must be one of prefill, refuse, ignore, repeat, but is "maybe"',
  );
});
