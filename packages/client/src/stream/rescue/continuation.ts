import { StreamInterruptedError } from '../../errors.js';
import { BegunAnew } from '../broken.js';
import { bytesOf, type ChunkReader, type RawResult } from '../chunks.js';
import { choicesOf, isFinish, meaningOf } from '../content.js';
import { type SseEvent, SseReader } from '../sse.js';
import { type Delivered, isNothing, pieceOf } from './answer.js';
import type { Seam } from './seam.js';

/** What a continuation is made of. */
export interface ContinuationParts {
  /** The stream of the one who goes on. */
  readonly reader: ChunkReader;
  readonly delivered: Delivered;
  readonly seam: Seam;
  /** The id of the target that goes on. */
  readonly target: string;
}

type Fields = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();

/** What a model thought before it went on: in the middle of an answer that was begun without it is out of place. */
const THOUGHTS: ReadonlySet<string> = new Set(['reasoning', 'reasoning_content', 'reasoning_details', 'thinking']);

/**
 * The rest of an answer from another target, in events like those of the first: under its id and its model, without a second role,
 * and without what the seam swallows. Rejects as its stream does, with `BegunAnew`, and where it comes to an end without having gone on.
 */
export class Continuation implements ChunkReader {
  readonly #parts: ContinuationParts;
  readonly #events = new SseReader();
  #isOver = false;
  /** Whether anything but text has been passed on: a tool call. */
  #hasMore = false;
  /** Whether its finish has been passed on; the terminator behind it says nothing new. */
  #isFinished = false;

  constructor(parts: ContinuationParts) {
    this.#parts = parts;
  }

  async read(): Promise<RawResult> {
    while (!this.#isOver) {
      const { done, value } = await this.#parts.reader.read();
      this.#isOver = done || value === undefined;
      const last = this.#isOver ? this.#events.rest() : undefined;
      const events = value === undefined ? (last ? [last] : []) : [...this.#events.push(bytesOf(value))];
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
    const isEnd = isFinish(choice.finish_reason);
    const piece = pieceOf(choice);
    if (piece === undefined) throw this.#interrupted('it goes on in parts that are not text');
    const text = this.#passed(piece) + (isEnd ? this.#passed() : '');
    if (typeof choice.text === 'string') return text === '' && !isEnd ? undefined : { ...choice, text };
    const others = Object.fromEntries(Object.entries(choice.delta ?? {}).filter(isOther));
    this.#hasMore ||= Object.values(others).some((one) => !isNothing(one));
    if (isEnd) this.#checkAnswered(choice.finish_reason);
    this.#isFinished ||= isEnd;
    const delta = text === '' ? others : { ...others, content: text };
    return Object.values(delta).every((one) => one == null) && !isEnd ? undefined : { ...choice, delta };
  }

  /** An end before anything was said that goes on is none: half an answer would look whole. Who had no more room for it says so himself. */
  #checkAnswered(finish?: unknown): void {
    const { said } = this.#parts.seam;
    if (this.#hasMore || said === 'all' || (said === 'a part' && finish === 'length')) return;
    throw this.#interrupted('it came to an end without going on');
  }

  #interrupted(reason: string): StreamInterruptedError {
    return new StreamInterruptedError({ target: this.#parts.target, reason, partial: { text: '', events: [] } });
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
    if (!this.#isFinished) this.#checkAnswered();
    const { common, resource } = this.#parts.delivered;
    if (text === '') return '';
    const said = resource === 'completions' ? { text } : { delta: { content: text } };
    return `data: ${JSON.stringify({ ...common, choices: [{ index: 0, ...said, finish_reason: null }] })}\n\n`;
  }
}

/** Whether a field of a delta belongs to the answer besides its text. */
const isOther = ([name]: [string, unknown]): boolean => name !== 'role' && name !== 'content' && !THOUGHTS.has(name);

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
