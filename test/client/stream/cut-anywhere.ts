import type { virtualClock } from '@breakwater/simulator';
import fc from 'fast-check';
import { Stream } from 'openai/streaming';
import type { Broken, Rescue, Rescuing } from '../../../packages/client/src/stream/broken.js';
import type { ChunkReader } from '../../../packages/client/src/stream/chunks.js';
import { commitStream } from '../../../packages/client/src/stream/commit.js';
import { continuable } from '../../../packages/client/src/stream/rescue/answer.js';
import { Continuation } from '../../../packages/client/src/stream/rescue/continuation.js';
import { questionFor } from '../../../packages/client/src/stream/rescue/question.js';
import { Seam } from '../../../packages/client/src/stream/rescue/seam.js';

/** How the bytes of a stream end: in order, with a reset, in silence, or with an error that the provider tells of. */
export type Kind = 'end' | 'reset' | 'abort' | 'silence' | 'error' | 'error without a blank line';

/** Where and how a stream breaks off, and in what pieces its bytes come. */
export interface Cut {
  /** From 0, at its first byte, to 1, behind its last. */
  readonly at: number;
  readonly kind: Kind;
  readonly sizes: readonly number[];
}

/** How somebody goes on with it. */
export interface Helper {
  readonly form: 'prefill' | 'instruction' | 'restart' | 'nobody';
  readonly cut: Cut;
}

const kinds = fc.constantFrom<Kind>('end', 'reset', 'abort', 'silence', 'error', 'error without a blank line');
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2_000 })), {
  minLength: 1,
  maxLength: 4,
});
/** Any way to cut a stream. */
export const cuts: fc.Arbitrary<Cut> = fc.record({
  at: fc.nat(1_000).map((at) => at / 1_000),
  kind: kinds,
  sizes,
});
const forms = fc.constantFrom('prefill', 'instruction', 'restart', 'nobody') as fc.Arbitrary<Helper['form']>;
/** Those who go on with it, one after the other; the last of them comes to the end. */
export const helpers: fc.Arbitrary<readonly Helper[]> = fc.array(fc.record({ form: forms, cut: cuts }), {
  maxLength: 2,
});

/** Words of an answer that says nothing twice. */
export const answers = fc
  .array(fc.constantFrom('word', 'Wörter', '今天', '👩‍👩‍👧', 'the error', '"error":', '\n\n- ', 'data: ', '```', 'ñ'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((words) => words.map((word, at) => `${at}${word} `));

const encoder = new TextEncoder();
const END = Symbol('end');

/** The bytes of an answer in these words. */
export function recorded(words: readonly string[], { id, lineEnd = '\n' }: { id: string; lineEnd?: string }): string {
  const event = (delta: object, finish: string | null = null) => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    return `data: ${JSON.stringify({ id, model: `${id}-1`, object: 'chat.completion.chunk', choices })}\n\n`;
  };
  const events = [event({ role: 'assistant', content: '' }), ...words.map((content) => event({ content }))];
  return [...events, event({}, 'stop'), 'data: [DONE]\n\n'].join('').replaceAll('\n', lineEnd);
}

/** A response of these bytes that breaks off as it is told. */
export function cutResponse(text: string, { at, kind, sizes: lengths }: Cut): Response {
  const all = encoder.encode(text);
  let bytes: Uint8Array = all.subarray(0, Math.round(at * all.length));
  if (kind.startsWith('error')) bytes = withError(bytes, kind === 'error' ? '\n\n' : '');
  // A stream that falls silent before its first content is left by other clocks.
  const hasContent = new TextDecoder().decode(bytes).split(/\r?\n\r?\n/).length > 2;
  let place = 0;
  let turn = 0;
  let leave: (value: typeof END) => void = () => {};
  const left = new Promise<typeof END>((resolve) => {
    leave = resolve;
  });
  const reader: ChunkReader = {
    read: async () => {
      const size = lengths[turn++ % lengths.length] as number;
      const value = bytes.slice(place, place + size);
      place += size;
      if (value.length > 0) return { done: false, value };
      if (kind === 'reset') throw new TypeError('terminated');
      if (kind === 'abort') throw new DOMException('This operation was aborted', 'AbortError');
      if (kind === 'silence' && hasContent) await left;
      return { done: true };
    },
    cancel: async () => leave(END),
  };
  const { headers } = new Response();
  return { body: { getReader: () => reader }, status: 200, statusText: 'OK', headers } as unknown as Response;
}

/** The provider tells of an error in place of the next event. */
function withError(bytes: Uint8Array, end: string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1 ? text.lastIndexOf('\n\n') + 2 : 0);
  return encoder.encode(`${whole}data: {"error":{"message":"overloaded","type":"server_error"}}${end}`);
}

/** What everybody needs to know of a stream that is cut. */
export interface Course {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly words: readonly string[];
  readonly helpers: readonly Helper[];
}

/** Goes on with a stream as other targets would, whose streams break off as well. */
export class FakeRescuer implements Rescuing {
  readonly isLeft = false;
  readonly told: string[] = [];
  /** Hears that the answer begins anew: what has been read of it is to be forgotten. */
  onRestarted: () => void = () => {};
  readonly #course: Course;
  #turn = 0;

  constructor(course: Course) {
    this.#course = course;
  }

  async rescue({ said }: Broken): Promise<Rescue> {
    const { helpers: all, words } = this.#course;
    const helper = all[this.#turn++];
    if (helper?.form === 'restart') return this.#anew(helper);
    const found = continuable(said.partial().events, 'chat.completions');
    if ('because' in found) return found;
    if (!helper || helper.form === 'nobody') return { because: 'nobody is there' };
    const { delivered } = found;
    this.told.push(delivered.text);
    const params = { messages: [{ role: 'user', content: 'x' }] };
    const { anchor, unshown = '' } = questionFor(params, delivered, { form: helper.form });
    const shown = delivered.text.slice(0, delivered.text.length - unshown.length);
    const rest = (anchor ?? '') + words.join('').slice(anchor === undefined ? shown.length : delivered.text.length);
    const reader = await this.#asked(helper, rest);
    if (typeof reader === 'string') return { because: reader };
    const seam = new Seam({ delivered: delivered.text, anchor, unshown });
    return {
      reader: new Continuation({ reader, delivered, seam, target: 'b/m' }),
      target: 'b/m',
      endpoint: 'b',
      isAnew: false,
    };
  }

  async #anew(helper: Helper): Promise<Rescue> {
    const reader = await this.#asked(helper, this.#course.words.join(''));
    if (typeof reader === 'string') return { because: reader };
    this.onRestarted();
    return { reader, target: 'b/m', endpoint: 'b', isAnew: true };
  }

  /** The stream of somebody who says this; else how that failed. The last of them is whole. */
  async #asked({ cut }: Helper, text: string): Promise<ChunkReader | string> {
    const isLast = this.#turn === this.#course.helpers.length;
    const events = recorded(text.match(/[\s\S]{1,7}/gu) ?? [], { id: `helper-${this.#turn}` });
    const response = cutResponse(events, isLast ? { ...cut, at: 1, kind: 'end' } : cut);
    const outcome = await commit(response, this.#course);
    return outcome.kind === 'ok' ? (outcome.reply.body?.getReader() as ChunkReader) : outcome.kind;
  }

  left(): void {}

  begunAnew(): void {
    throw new Error('nobody has begun anew here');
  }
}

/** A response as it is handed over. */
export function commit(response: Response, { clock }: Pick<Course, 'clock'>, rescuer?: Rescuing) {
  return commitStream(response, {
    reading: { resource: 'chat.completions', movable: true, asksUsage: false, choices: 1 },
    target: 'a/m',
    endpoint: 'a',
    rescuer,
    floor: { idleMs: 1_000 },
    ticket: { signal: new AbortController().signal, callLeftMs: () => undefined },
    clock,
    commit: 'first-content',
    hasLastResort: false,
  });
}

/** What the official client makes of a response. */
export interface Read {
  text: string;
  readonly ids: Set<string>;
  readonly finishes: string[];
  error?: unknown;
}

/** Where nothing has been read. */
export const nothingRead = (): Read => ({ text: '', ids: new Set(), finishes: [] });

interface Piece {
  readonly id: string;
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
}

/** Reads a response as the official client does; `into` may be emptied by somebody else meanwhile. */
export async function readOf(reply: Response, into?: Read): Promise<Read> {
  const read = into ?? nothingRead();
  try {
    for await (const piece of Stream.fromSSEResponse<Piece>(reply, new AbortController())) {
      read.ids.add(piece.id);
      for (const { delta, finish_reason: finish } of piece.choices) {
        read.text += delta.content ?? '';
        if (finish) read.finishes.push(finish);
      }
    }
  } catch (error) {
    read.error = error;
  }
  return read;
}

/** Time passes until something has come to its end. */
export async function inTime<T>(work: Promise<T>, clock: Course['clock']): Promise<T> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  for (let turn = 0; turn < 40 && !isOver; turn += 1) await clock.advance(500);
  if (!isOver) throw new Error('it hangs');
  return over;
}
