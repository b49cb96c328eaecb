import type { TokenEstimate } from '@breakwater/core';
import { countTokens } from './count-tokens.js';
import { tokensOfAudio, tokensOfFile, tokensOfPicture } from './media-tokens.js';
import type { Reading } from './read.js';

/** Longer requests are not counted in full, which would hold up everybody else: so many characters of them are, in pieces. */
const LONGEST_COUNTED = 32 * 1024;
const PIECES = 32;
const PIECE = LONGEST_COUNTED / PIECES;

/** What every message costs beside its text, its role and what parts it from the next; the answer is opened by as much. */
const MESSAGE_TOKENS = 4;
/** The tokens of a text. It may throw or answer nonsense: then the text is counted by the default. */
export type TokenCount = (text: string) => number;

/**
 * About how many tokens a request takes in, and how many it may put out at the most, before it is sent. Params may be anything: what
 * cannot be read counts nothing. A request of more than 32 768 characters is sampled, which is off by one per cent more. What is kept
 * on the server (files by their id, earlier responses) is not known here.
 */
export function estimateTokens(reading: Reading, params: unknown, count: TokenCount = countTokens): TokenEstimate {
  const { resource } = reading;
  const isText = resource === 'chat.completions' || resource === 'responses' || resource === 'completions';
  if (!isText && resource !== 'embeddings' && resource !== 'moderations') return { input: 0, maxOutput: 0 };
  const tally: Tally = { texts: [], length: 0, tokens: 0 };
  let maxOutput: number | undefined = isText ? undefined : 0;
  try {
    const fields = fieldsOf(params);
    if (isText) maxOutput = maxOutputOf(fields);
    addRequest(tally, fields);
  } catch {
    // A getter threw, or something holds itself: what has been added until then is counted.
  }
  return { input: whole(tally.tokens + tokensOfTexts(tally, count)), maxOutput };
}

/** What a request is made of. */
interface Tally {
  readonly texts: string[];
  /** The characters of all texts. */
  length: number;
  /** The tokens of what is no text. */
  tokens: number;
}

type Fields = Readonly<Record<string, unknown>>;

const NO_FIELDS: Fields = Object.freeze({});
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : NO_FIELDS;
const whole = (tokens: number): number => Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(tokens));
const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

function maxOutputOf(params: Fields): number | undefined {
  const limits = [params.max_tokens, params.max_completion_tokens, params.max_output_tokens].filter(isCount);
  if (limits.length === 0) return undefined;
  const copies = Math.max(1, ...[params.n, params.best_of].filter(isCount));
  const prompts = Array.isArray(params.prompt) && typeof params.prompt[0] !== 'number' ? params.prompt.length : 1;
  return whole(Math.max(...limits) * copies * Math.max(1, prompts));
}

/** The names of all resources at once: none of them has another's. */
function addRequest(tally: Tally, params: Fields): void {
  const { messages, input, instructions, prompt, suffix, tools, functions, response_format, text } = params;
  if (Array.isArray(messages)) addItems(tally, messages);
  if (Array.isArray(input) && typeof input[0] === 'object' && !Array.isArray(input[0])) addItems(tally, input);
  else addContent(tally, input);
  for (const value of [instructions, prompt, suffix]) addContent(tally, value);
  for (const value of [
    tools,
    functions,
    fieldsOf(response_format).json_schema,
    fieldsOf(fieldsOf(text).format).schema,
  ]) {
    if (typeof value === 'object' && value !== null) addText(tally, JSON.stringify(value));
  }
}

/** Messages, calls of tools and what came of them, in both of their forms, and the parts of a moderation. */
function addItems(tally: Tally, items: readonly unknown[]): void {
  tally.tokens += MESSAGE_TOKENS;
  for (const item of items) {
    const fields = fieldsOf(item);
    tally.tokens += MESSAGE_TOKENS;
    addCall(tally, fields);
    addPart(tally, fields);
    for (const value of [fields.content, fields.output, fields.summary]) addContent(tally, value);
    addCall(tally, fieldsOf(fields.function_call));
    if (!Array.isArray(fields.tool_calls)) continue;
    for (const call of fields.tool_calls) {
      tally.tokens += MESSAGE_TOKENS;
      addCall(tally, fieldsOf(fieldsOf(call).function));
      addCall(tally, fieldsOf(fieldsOf(call).custom));
    }
  }
}

function addCall(tally: Tally, { name, arguments: args, input }: Fields): void {
  for (const value of [name, args, input]) addText(tally, value);
}

/** A text, a list of texts, of tokens, or of parts, or a list of such lists. */
function addContent(tally: Tally, content: unknown, depth = 0): void {
  if (!Array.isArray(content)) {
    if (typeof content === 'object' && content !== null) addPart(tally, content as Fields);
    else addText(tally, content);
  } else if (typeof content[0] === 'number') tally.tokens += content.length;
  else if (depth < 2) for (const part of content) addContent(tally, part, depth + 1);
}

function addPart(tally: Tally, part: Fields): void {
  addText(tally, part.text);
  addText(tally, part.refusal);
  const { image_url: image, input_audio: audio } = part;
  if (image !== undefined || part.type === 'input_image') {
    tally.tokens += tokensOfPicture(fieldsOf(image).url ?? image, fieldsOf(image).detail ?? part.detail);
  }
  tally.tokens += tokensOfAudio(fieldsOf(audio).data, fieldsOf(audio).format);
  tally.tokens += tokensOfFile(fieldsOf(part.file).file_data ?? part.file_data);
}

function addText(tally: Tally, text: unknown): void {
  if (typeof text !== 'string' || text === '') return;
  tally.texts.push(text);
  tally.length += text.length;
}

/** All of them, or of too many characters an even sample, each piece of as many texts as it takes. */
function tokensOfTexts({ texts, length }: Tally, count: TokenCount): number {
  let tokens = 0;
  if (length <= LONGEST_COUNTED) {
    for (const text of texts) tokens += tokensOf(text, count);
    return tokens;
  }
  const stride = (length - PIECE) / (PIECES - 1);
  let index = 0;
  let start = 0;
  for (let piece = 0; piece < PIECES; piece += 1) {
    let at = Math.floor(piece * stride);
    const end = at + PIECE;
    while (at < end && index < texts.length) {
      const text = texts[index] ?? '';
      const part = text.slice(Math.max(0, at - start), end - start);
      if (part !== '') tokens += tokensOf(part, count);
      at += part.length;
      if (at >= end) break;
      start += text.length;
      index += 1;
    }
  }
  return (tokens * length) / LONGEST_COUNTED;
}

function tokensOf(text: string, count: TokenCount): number {
  try {
    const tokens = count(text);
    if (Number.isFinite(tokens) && tokens >= 0) return tokens;
  } catch {
    // Its failure is no reason to fail the request.
  }
  return countTokens(text);
}
