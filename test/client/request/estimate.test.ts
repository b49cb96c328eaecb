import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateTokens } from '../../../packages/client/src/request/estimate.js';
import { type Reading, type Resource, readAs } from '../../../packages/client/src/request/read.js';

/** A tokenizer whose counts can be read off: a token for every character. */
const characters = (text: string): number => text.length;

const reading = (resource: Resource | undefined): Reading => readAs(resource, { body: {} }, '{}');
const estimate = (resource: Resource | undefined, params: unknown, count = characters) =>
  estimateTokens(reading(resource), params, count);
const inputOf = (resource: Resource, params: unknown): number => estimate(resource, params).input;
/** The tokens of the parts of one chat message, beside the eight that every chat of one message takes. */
const ofParts = (...content: unknown[]): number =>
  inputOf('chat.completions', { messages: [{ role: 'user', content }] }) - 8;

/** A PNG of that size, as far as its head. */
function png(width: number, height: number): string {
  const head = Buffer.alloc(33);
  head.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return `data:image/png;base64,${head.toString('base64')}AAAA`;
}

/** So many seconds of a WAV of that rate, in base64. */
function wav(seconds: number, bytesASecond: number): string {
  const file = Buffer.alloc(44 + seconds * bytesASecond);
  file.write('RIFF', 'latin1');
  file.writeUInt32LE(bytesASecond, 28);
  return file.toString('base64');
}

describe('a chat counts', () => {
  test('four tokens for every message and four for the answer that begins', () => {
    expect(inputOf('chat.completions', { messages: [] })).toBe(4);
    const messages = [
      { role: 'system', content: 'abc' },
      { role: 'user', content: 'de', name: 'f' },
    ];
    expect(inputOf('chat.completions', { messages })).toBe(12 + 6);
  });

  test('its parts of text, refusals, and the calls of tools with what came of them', () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'abc' }] },
      {
        role: 'assistant',
        content: null,
        refusal: 'de',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'call_2', type: 'custom', custom: { name: 'g', input: 'xy' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'done' },
      { role: 'assistant', function_call: { name: 'h', arguments: '{}' } },
    ];
    expect(inputOf('chat.completions', { messages })).toBe(4 + 4 * 4 + 2 * 4 + 3 + 2 + 8 + 3 + 4 + 3);
  });

  test('its tools and the schema of its answer, as JSON', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const schema = { name: 's', schema: { type: 'object' } };
    const params = { messages: [], tools, response_format: { type: 'json_schema', json_schema: schema } };
    expect(inputOf('chat.completions', params)).toBe(4 + JSON.stringify(tools).length + JSON.stringify(schema).length);
    expect(inputOf('chat.completions', { messages: [], response_format: { type: 'json_object' } })).toBe(4);
  });
});

describe('a picture is', () => {
  test.each([
    ['85 tokens in low detail, whatever its size', { url: png(4_000, 4_000), detail: 'low' }, 85],
    ['765 where its size is not known', { url: 'https://example.com/a.png' }, 765],
    ['765 where it is of another kind', { url: 'data:image/jpeg;base64,/9j/4AAQSkZJRg==', detail: 'high' }, 765],
    ['765 where its head cannot be read', { url: 'data:image/png;base64,***', detail: 'auto' }, 765],
    ['765 where it says that it has no size', { url: png(0, 0) }, 765],
    ['one tile where it is small', { url: png(400, 300) }, 85 + 170],
    ['four tiles where it is a square', { url: png(1_024, 1_024), detail: 'high' }, 85 + 4 * 170],
    // The example of OpenAI's own guide.
    ['six tiles where it is twice as high as wide', { url: png(2_048, 4_096), detail: 'high' }, 85 + 6 * 170],
  ])('%s', (_what, image_url, tokens) => {
    expect(ofParts({ type: 'image_url', image_url })).toBe(tokens);
  });
});

describe('a recording is ten tokens a second', () => {
  test('by the rate that a WAV tells, and as one of 24 kHz where it does not', () => {
    const ofWav = (data: string) => ofParts({ type: 'input_audio', input_audio: { data, format: 'wav' } });
    expect(ofWav(wav(30, 16_000))).toBeCloseTo(300, -1);
    expect(ofWav(wav(3, 176_400))).toBeCloseTo(30, -1);
    expect(ofWav(Buffer.alloc(48_000 * 2).toString('base64'))).toBe(20);
  });

  test('as one of 128 kbit/s where it is an MP3', () => {
    const data = Buffer.alloc(16_000 * 6).toString('base64');
    expect(ofParts({ type: 'input_audio', input_audio: { data, format: 'mp3' } })).toBe(60);
  });
});

test('a file is a token for every four bytes of text, or for every hundred of a document, and none by its id', () => {
  const data = (type: string) => `data:${type};base64,${Buffer.alloc(3_000).toString('base64')}`;
  expect(ofParts({ type: 'file', file: { file_data: data('text/plain') } })).toBe(750);
  expect(ofParts({ type: 'file', file: { file_data: data('application/pdf') } })).toBe(30);
  expect(ofParts({ type: 'file', file: { file_id: 'file-1' } })).toBe(0);
});

describe('a response counts', () => {
  test('its input, its instructions, its tools and the schema of its answer', () => {
    const tools = [{ type: 'function', name: 'f' }];
    const schema = { type: 'object' };
    const params = { input: 'abc', instructions: 'de', tools, text: { format: { type: 'json_schema', schema } } };
    expect(inputOf('responses', params)).toBe(5 + JSON.stringify(tools).length + JSON.stringify(schema).length);
  });

  test('its items of every kind', () => {
    const input = [
      { role: 'user', content: 'abc' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'de' }] },
      { type: 'function_call', name: 'f', arguments: '{}' },
      { type: 'function_call_output', output: 'done' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'so' }], encrypted_content: 'x'.repeat(500) },
      { role: 'user', content: [{ type: 'input_image', image_url: png(400, 300) }] },
      { role: 'user', content: [{ type: 'input_image', file_id: 'file-1', detail: 'low' }] },
      { type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: png(400, 300) } },
    ];
    expect(inputOf('responses', { input })).toBe(4 + 8 * 4 + 3 + 2 + 3 + 4 + 2 + 255 + 85 + 255);
  });
});

test.each<[string, Resource, unknown, number]>([
  ['a prompt', 'completions', { prompt: 'abc', suffix: 'de' }, 5],
  ['a list of prompts', 'completions', { prompt: ['abc', 'de'] }, 5],
  ['tokens, exactly', 'completions', { prompt: [1, 2, 3] }, 3],
  ['lists of tokens, exactly', 'embeddings', { input: [[1, 2, 3], [4]] }, 4],
  ['texts', 'embeddings', { input: ['abc', 'de'] }, 5],
  ['a text', 'moderations', { input: 'abc' }, 3],
  ['the parts of a moderation', 'moderations', { input: [{ type: 'text', text: 'abc' }] }, 4 + 4 + 3],
])('%s of %s are counted', (_what, resource, params, tokens) => {
  expect(inputOf(resource, params)).toBe(tokens);
});

describe('at the most it puts out', () => {
  test.each<[string, Resource, object, number | undefined]>([
    ['nobody knows how much', 'chat.completions', { messages: [] }, undefined],
    ['what it is limited to', 'chat.completions', { max_tokens: 100 }, 100],
    ['the larger of two limits', 'chat.completions', { max_tokens: 100, max_completion_tokens: 300 }, 300],
    ['as much for each choice', 'chat.completions', { max_completion_tokens: 100, n: 3 }, 300],
    ['as much for each choice that is thrown away', 'completions', { max_tokens: 100, n: 2, best_of: 5 }, 500],
    ['as much for each prompt', 'completions', { max_tokens: 100, prompt: ['a', 'b'] }, 200],
    ['the limit once for a prompt of tokens', 'completions', { max_tokens: 100, prompt: [1, 2] }, 100],
    ['the limit of a response', 'responses', { max_output_tokens: 100 }, 100],
    ['nobody knows how much when the limit is null', 'responses', { max_output_tokens: null }, undefined],
    ['nobody knows how much when the limit is nonsense', 'chat.completions', { max_tokens: '9', n: -1 }, undefined],
    ['nothing for vectors', 'embeddings', { input: 'a' }, 0],
    ['nothing for moderations', 'moderations', { input: 'a' }, 0],
  ])('%s', (_what, resource, params, tokens) => {
    expect(estimate(resource, params).maxOutput).toBe(tokens);
  });
});

test('what is neither text nor vectors takes no tokens', () => {
  for (const resource of ['images', 'audio.speech', 'audio.text', undefined] as const) {
    expect(estimate(resource, { prompt: 'abc', input: 'abc' })).toEqual({ input: 0, maxOutput: 0 });
  }
});

describe('a long request', () => {
  const prose =
    'Requests of this kind wander around a little, with numbers such as 4711; then they come to the point. ';

  test('is counted in pieces, of 32 768 characters in all', () => {
    let counted = 0;
    const count = (text: string) => {
      counted += text.length;
      return text.length;
    };
    const messages = Array.from({ length: 300 }, (_, index) => ({ role: 'user', content: 'x'.repeat(index * 40) }));
    const total = messages.reduce((sum, { content }) => sum + content.length, 0);
    expect(estimate('chat.completions', { messages }, count).input).toBe(4 + 300 * 4 + total);
    expect(counted).toBe(32_768);
  });

  test('is off by no more than a few per cent', () => {
    const input = prose.repeat(10_000);
    const whole = estimateTokens(reading('responses'), { input: prose.repeat(100) }).input * 100;
    expect(Math.abs(estimateTokens(reading('responses'), { input }).input / whole - 1)).toBeLessThan(0.03);
  });

  test('is not taken for its beginning', () => {
    const input = prose.repeat(3_000) + '안녕하세요, 주문한 상품이 아직 도착하지 않았습니다. '.repeat(9_000);
    const halves = [prose.repeat(3_000), input.slice(prose.length * 3_000)];
    const [first = 0, second = 0] = halves.map((half) => estimateTokens(reading('responses'), { input: half }).input);
    expect(Math.abs(estimateTokens(reading('responses'), { input }).input / (first + second) - 1)).toBeLessThan(0.1);
  });
});

// Whoever hands in a tokenizer hands in its mistakes as well; a call must not fail for an estimate.
test('a tokenizer that throws or answers nonsense is done without', () => {
  const params = { messages: [{ role: 'user', content: 'Hello, world!' }] };
  const expected = estimateTokens(reading('chat.completions'), params);
  const throwing = () => {
    throw new Error('no such encoding');
  };
  const wrong = [Number.NaN, -1, Number.POSITIVE_INFINITY, '7', undefined, Promise.resolve(3)].map(
    (value) => () => value as number,
  );
  for (const count of [throwing, ...wrong]) expect(estimate('chat.completions', params, count)).toEqual(expected);
  expect(estimate('chat.completions', params, () => 2.5).input).toBe(8 + 3);
});

describe('whatever the params are, the estimate is whole, not negative, and no error', () => {
  const knot: Record<string, unknown> = { role: 'user' };
  knot.content = [knot];
  const list: unknown[] = [];
  list.push(list);
  const trap = {
    get messages() {
      throw new Error('no');
    },
    get max_tokens() {
      throw new Error('no');
    },
  };

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'abc'],
    ['a form', new FormData()],
    ['messages that hold themselves', { messages: [knot, list], tools: [knot] }],
    ['a list that holds itself', { input: list, prompt: list }],
    ['a getter that throws', trap],
    ['numbers that JSON does not know', { tools: [{ a: 1n }], max_tokens: Number.NaN }],
    ['endless numbers', { max_tokens: Number.POSITIVE_INFINITY, n: Number.MAX_VALUE }],
    ['holes', { messages: [null, undefined, 7, { content: [null, 7, undefined] }, { tool_calls: [null, {}] }] }],
  ])('%s', (_what, params) => {
    for (const resource of ['chat.completions', 'responses', 'completions', 'embeddings', 'moderations'] as const) {
      const { input, maxOutput = 0 } = estimate(resource, params);
      expect([Number.isSafeInteger(input) && input >= 0, Number.isSafeInteger(maxOutput) && maxOutput >= 0]).toEqual([
        true,
        true,
      ]);
    }
  });

  test('and what stands beside a list that holds itself is counted', () => {
    expect(inputOf('responses', { input: list, instructions: 'abc' })).toBe(3);
  });

  test('anything that JSON can hold', () => {
    const names = ['messages', 'input', 'prompt', 'tools', 'max_tokens', 'n', 'text', 'instructions'] as const;
    const part = fc.record(
      {
        content: fc.jsonValue(),
        type: fc.constantFrom('text', 'input_image', 'image_url'),
        text: fc.jsonValue(),
        image_url: fc.jsonValue(),
        input_audio: fc.jsonValue(),
        tool_calls: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const value = fc.oneof(fc.jsonValue(), fc.array(part, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (params) => {
        for (const resource of ['chat.completions', 'responses'] as const) {
          const { input, maxOutput = 0 } = estimateTokens(reading(resource), params);
          if (!(Number.isSafeInteger(input) && input >= 0 && Number.isSafeInteger(maxOutput) && maxOutput >= 0)) {
            throw new Error(`${input} ${maxOutput}`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
