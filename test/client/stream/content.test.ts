import { describe, expect, test } from 'vitest';
import { meaningOf } from '../../../packages/client/src/stream/content.js';

type Resource = Parameters<typeof meaningOf>[1];

function mean(event: unknown, resource: Resource, name = ''): string {
  const data = typeof event === 'string' ? event : JSON.stringify(event);
  const meaning = meaningOf({ name, data }, resource);
  if (meaning.what === 'content') return `content ${JSON.stringify(meaning.text)}${meaning.isEnd ? ' end' : ''}`;
  return meaning.what === 'error' ? `error ${meaning.error.code ?? meaning.error.message}` : meaning.what;
}

const delta = (fields: object, more: object = {}) => ({ choices: [{ index: 0, delta: fields, ...more }] });

describe('an event of a chat completion is', () => {
  test.each<[string, unknown]>([
    ['nothing', delta({ role: 'assistant' })],
    ['nothing', delta({ role: 'assistant', content: '', refusal: null })],
    ['nothing', delta({})],
    ['nothing', delta({ tool_calls: [] })],
    ['nothing', { choices: [] }],
    // A ping was taken for the first word: the call was not asked elsewhere when nothing came behind it.
    ['nothing', { type: 'ping' }],
    ['nothing', { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'm' }],
    ['nothing', { choices: [{ index: 0, delta: null, finish_reason: null }] }],
    ['content "a"', delta({ content: 'a' })],
    ['content ""', delta({ tool_calls: [{ index: 0, id: 'c' }] })],
    ['content ""', delta({ refusal: 'no' })],
    ['content ""', delta({ reasoning_content: 'hm' })],
    ['content ""', delta({ audio: { id: 'a' } })],
    ['content "" end', delta({}, { finish_reason: 'stop' })],
    ['content "a" end', delta({ content: 'a' }, { finish_reason: 'length' })],
    ['content ""', { choices: [{ index: 1, delta: { content: 'b' } }] }],
    ['done', '[DONE]'],
    ['malformed', '{"choices":'],
    ['malformed', '7'],
    ['malformed', 'null'],
    ['malformed', '<html>'],
    ['error server_error', { error: { code: 'server_error' } }],
    ['error text', { error: 'text' }],
  ])('%s: %j', (expected, event) => {
    expect(mean(event, 'chat.completions')).toBe(expected);
  });

  test('an error when its name says so', () => {
    expect(mean({ code: 'overloaded' }, 'chat.completions', 'error')).toBe('error overloaded');
  });
});

describe('an event of a response is', () => {
  test.each<[string, object]>([
    ['nothing', { type: 'response.created', response: {} }],
    ['nothing', { type: 'response.queued' }],
    ['nothing', { type: 'response.in_progress' }],
    ['nothing', { type: 'response.output_item.added' }],
    ['nothing', { type: 'response.content_part.added' }],
    ['nothing', { type: 'response.reasoning_summary_part.added' }],
    ['nothing', {}],
    ['nothing', { type: 'keepalive', sequence_number: 3 }],
    ['content "a"', { type: 'response.output_text.delta', delta: 'a' }],
    ['content ""', { type: 'response.function_call_arguments.delta', delta: '{' }],
    ['content ""', { type: 'response.refusal.delta', delta: 'no' }],
    ['content "" end', { type: 'response.completed', response: { error: null } }],
    ['content "" end', { type: 'response.incomplete' }],
    ['error server_error', { type: 'response.failed', response: { error: { code: 'server_error' } } }],
    ['error rate_limit_exceeded', { type: 'error', code: 'rate_limit_exceeded' }],
  ])('%s: %j', (expected, event) => {
    expect(mean(event, 'responses')).toBe(expected);
  });
});

test('a text completion speaks by its text, other resources by their first event', () => {
  expect(mean({ choices: [{ index: 0, text: 'a', finish_reason: null }] }, 'completions')).toBe('content "a"');
  expect(mean({ choices: [{ index: 0, text: '', finish_reason: null }] }, 'completions')).toBe('nothing');
  expect(mean({ type: 'image_generation.partial_image' }, 'images')).toBe('content ""');
  expect(mean({ type: 'transcript.text.delta', delta: 'a' }, 'audio.text')).toBe('content ""');
});
