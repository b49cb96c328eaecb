import { json } from '../answers/answer.js';
import { randomOf } from '../answers/random.js';
import { tokensOf } from '../answers/text.js';
import type { Resource } from './call.js';
import { invalid, wrongType } from './complaints.js';
import { checkModel } from './models.js';
import { integerOf } from './numbers.js';
import { required, textOf } from './params.js';

/** Embeds texts or token lists: POST /embeddings; the same text and model give the same unit vector. */
export const createEmbeddings: Resource = ({ params, model }, world) => {
  checkModel(model, world);
  const inputs = readInputs(required(params, 'input'));
  const dimensions = integerOf(params, 'dimensions', [1, 4096]) ?? (model.includes('large') ? 3072 : 1536);
  const encoding = textOf(params, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') {
    throw invalid(
      'encoding_format',
      `Invalid value: '${encoding}'. Supported values are: 'float' and 'base64'.`,
      'invalid_value',
    );
  }
  const data = inputs.map((text, index) => {
    const vector = unitVector(world.seed, `${model}\n${text}`, dimensions);
    return { object: 'embedding', index, embedding: encoding === 'base64' ? toBase64(vector) : [...vector] };
  });
  const tokens = inputs.reduce((sum, text) => sum + tokensOf(text).length, 0);
  return json({ object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
};

/** One text for each vector; a list of token numbers stands for a text. */
function readInputs(input: unknown): string[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array', input);
  if (input.length === 0) throw invalid('input', "Invalid 'input': input cannot be an empty array.");
  if (input.every((item) => typeof item === 'number')) return [input.join(' ')];
  return input.map((item: unknown, index) => {
    if (typeof item === 'string') return item;
    if (Array.isArray(item)) return item.join(' ');
    throw wrongType(`input[${index}]`, 'a string or an array of integers', item);
  });
}

/** Four-byte numbers from the start, so that both encodings give the very same values. */
function unitVector(seed: number, text: string, dimensions: number): Float32Array {
  const random = randomOf(seed, 'embedding', text);
  const vector = Float32Array.from({ length: dimensions }, () => random() * 2 - 1);
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  // The API's order of bytes is little-endian, whatever the machine's is.
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
