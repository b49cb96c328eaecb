import { BegunAnew } from '../broken.js';
import { bytesOf, type ChunkReader, type RawResult } from '../chunks.js';
import { choicesOf, meaningOf } from '../content.js';
import { type SseEvent, SseReader } from '../sse.js';
import { type Delivered, pieceOf } from './answer.js';
import type { Seam } from './seam.js';

/** What a continuation is made of. */
export interface ContinuationParts {
  /** The stream of the one who goes on. */
  readonly reader: ChunkReader;
  readonly delivered: Delivered;
  readonly seam: Seam;
}

type Fields = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();

/**
 * The rest of an answer from another target, in events like those of the first: under its id and its model, without a second role,
 * and without what the seam swallows. Rejects as its stream does, and with `BegunAnew`.
 */
export class Continuation implements ChunkReader {
  readonly #parts: ContinuationParts;
  readonly #events = new SseReader();
  #isOver = false;

  constructor(parts: ContinuationParts) {
    this.#parts = parts;
  }

  async read(): Promise<RawResult> {
    while (!this.#isOver) {
      const { done, value } = await this.#parts.reader.read();
      this.#isOver = done || value === undefined;
      const last = this.#isOver ? this.#events.rest() : undefined;
      const events = value === undefined ? (last ? [last] : []) : this.#events.push(bytesOf(value));
      const text = events.map((event) => this.#rewritten(event)).join('');
      if (text !== '') return { done: false, value: encoder.encode(text) };
    }
    return { done: true };
  }

  cancel(reason?: unknown): Promise<unknown> {
    return this.#parts.reader.cancel(reason);
  }

  /** One event as it is passed on; empty when nothing is left of it. */
  #rewritten(event: SseEvent): string {
    const { delivered } = this.#parts;
    const meaning = meaningOf(event, delivered.resource);
    if (meaning.what === 'done') return `${this.#heldBack()}data: [DONE]\n\n`;
    // What its own body lets through besides is an error, which ends this stream: the body that is read here tells.
    if (meaning.what !== 'content' && meaning.what !== 'nothing') return asItWas(event);
    const fields = meaning.parsed as Fields;
    const joined = choicesOf<Fields>(fields)
      .map((choice) => this.#joined(choice))
      .filter((choice) => choice !== undefined);
    const usage = fields.usage == null ? undefined : summed(fields.usage as Fields, delivered.tokens);
    if (joined.length === 0 && usage === undefined) return '';
    const rest = { ...fields, ...delivered.common, choices: joined, ...(usage && { usage }) };
    return `data: ${JSON.stringify(rest)}\n\n`;
  }

  /** A choice without what is said twice; undefined when nothing of it is left. */
  #joined(choice: Fields): Fields | undefined {
    const isEnd = choice.finish_reason != null;
    const text = this.#passed(pieceOf(choice)) + (isEnd ? this.#passed() : '');
    if (typeof choice.text === 'string') return text === '' && !isEnd ? undefined : { ...choice, text };
    const { role: _role, content: _content, ...others } = (choice.delta ?? {}) as Record<string, unknown>;
    const delta = text === '' ? others : { ...others, content: text };
    return Object.values(delta).every((one) => one == null) && !isEnd ? undefined : { ...choice, delta };
  }

  /** What the seam lets through of a piece; without one, what it still holds back. */
  #passed(piece?: string): string {
    const { seam } = this.#parts;
    const text = piece === undefined ? seam.end() : seam.push(piece);
    if (text === undefined) throw new BegunAnew('the answer begins anew in other words');
    return text;
  }

  /** An event with what the seam still holds back where the answer ends without a finish reason; empty when that is nothing. */
  #heldBack(): string {
    const text = this.#passed();
    const { common, resource } = this.#parts.delivered;
    if (text === '') return '';
    const said = resource === 'completions' ? { text } : { delta: { content: text } };
    return `data: ${JSON.stringify({ ...common, choices: [{ index: 0, ...said, finish_reason: null }] })}\n\n`;
  }
}

/** An event whose name tells of an error is none without it, and each line of its data is one of its own. */
function asItWas({ name, data }: SseEvent): string {
  const lines = data.split('\n').map((line) => `data: ${line}\n`);
  return `${name === '' ? '' : `event: ${name}\n`}${lines.join('')}\n`;
}

/** What both have used: whoever went on was given what had been delivered, and that was paid for twice. */
function summed(usage: Fields, delivered: number): Fields {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (typeof prompt !== 'number' || typeof completion !== 'number') return usage;
  const before = Math.max(0, prompt - delivered);
  const [prompts, completions] = [before + prompt, delivered + completion];
  return {
    ...usage,
    prompt_tokens: prompts,
    completion_tokens: completions,
    total_tokens: prompts + completions,
  };
}
