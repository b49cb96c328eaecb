import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withModel } from '../../../packages/client/src/request/body.js';

/** Any JSON that params can be, with the fields and texts that could be mistaken for the model among them. */
const tricky = fc.constantFrom(
  'model',
  'gpt',
  '"model":"gpt"',
  'x"model',
  '\\"model\\":\\"gpt\\"',
  '"',
  '\\',
  'ü😀\u2028',
);
/**
 * A key that is nothing but a quote is left out: once warm, the `JSON.parse` of Node 24.21 reads `{"\"":1}` as `{"\\":1}`, and
 * whether it is warm is chance. A test of its own compares the text.
 */
const key = fc.oneof(tricky, fc.string()).filter((text) => text !== '"');
const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(tricky, fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}));
const fields = fc.dictionary(key, value, { maxKeys: 6 });
const name = fc.oneof(fc.constantFrom('gpt', 'my "own" model', 'ü\n\\'), fc.string({ minLength: 1 }));

/** The plainest program that could do the work. */
const plain = (params: object, to: string) => JSON.stringify({ ...params, model: to });

describe('the model in a text', () => {
  test('is replaced as parsing and writing it anew would, and nothing else is', () => {
    fc.assert(
      fc.property(fields, fields, name, name, (before, after, from, to) => {
        // A field called `model` in what comes after would take its place.
        const params = { ...before, model: '', ...after };
        params.model = from;
        expect(withModel({ sent: JSON.stringify(params), params }, from, to)).toBe(plain(params, to));
      }),
      { numRuns: 1_500 },
    );
  });

  test('is replaced where the params are not known, however the text is laid out', () => {
    fc.assert(
      fc.property(fields, name, name, fc.constantFrom(undefined, 1, '\t'), (rest, from, to, indent) => {
        const params = { ...rest, model: from };
        const sent = JSON.stringify(params, null, indent);
        // The same name leaves even the layout alone.
        const expected = from === to ? sent : plain(params, to);
        expect(withModel({ sent, params: undefined }, from, to)).toBe(expected);
        expect(withModel({ sent, params: JSON.parse(sent) }, from, to)).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is replaced beside keys that are a quote, or end in one and its name', () => {
    // Found by the first property, and no fault of ours: what had changed the quote was the parser that looked at the result.
    const params = { '"': '"model":"."', 'x"model': '.', model: '.' };
    expect(withModel({ sent: JSON.stringify(params), params }, '.', '!')).toBe(
      '{"\\"":"\\"model\\":\\".\\"","x\\"model":".","model":"!"}',
    );
  });

  test('is not mistaken for one inside a text that was laid out differently', () => {
    const sent = '{ "model": "a", "metadata": {"model":"a"} }';
    expect(JSON.parse(withModel({ sent, params: JSON.parse(sent) }, 'a', 'b') as string)).toEqual({
      model: 'b',
      metadata: { model: 'a' },
    });
  });

  test('of a hundred kilobytes is replaced without the rest being touched', () => {
    const content = '{"model":"gpt"} "ü😀" '.repeat(5_000);
    const params = { messages: [{ role: 'user', content }], model: 'gpt', tools: [] };
    const sent = JSON.stringify(params);
    const changed = withModel({ sent, params }, 'gpt', 'other') as string;
    expect(sent.length).toBeGreaterThan(100_000);
    expect(changed).toBe(sent.replace('"model":"gpt","tools"', '"model":"other","tools"'));
  });

  test('stays when it is the same', () => {
    const sent = '{"model":"a"}';
    expect(withModel({ sent, params: {} }, 'a', 'a')).toBe(sent);
  });
});

describe('the model in a form', () => {
  test('is replaced in a copy; fields, their order and files stay', async () => {
    const form = new FormData();
    form.append('file', new File(['RIFF'], 'a b.wav', { type: 'audio/wav' }));
    form.append('model', 'whisper-1');
    form.append('words[]', 'one');
    form.append('words[]', 'two');
    const copy = withModel({ sent: form, params: form }, 'whisper-1', 'my-ears') as FormData;
    expect([...copy.keys()]).toEqual(['file', 'model', 'words[]', 'words[]']);
    expect(copy.get('model')).toBe('my-ears');
    expect(copy.getAll('words[]')).toEqual(['one', 'two']);
    const file = copy.get('file') as File;
    expect([file.name, file.type, await file.text()]).toEqual(['a b.wav', 'audio/wav', 'RIFF']);
    expect(form.get('model')).toBe('whisper-1');
  });

  test('cannot be replaced in bytes and streams, which pass as they are', () => {
    const sent = new Uint8Array(3);
    expect(withModel({ sent, params: undefined }, 'a', 'b')).toBe(sent);
  });
});
