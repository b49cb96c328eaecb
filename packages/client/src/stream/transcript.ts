import type { TokenUsage } from '@breakwater/core';
import type { PartialAnswer } from '../errors.js';
import { countTokens } from '../request/count-tokens.js';
import type { Resource } from '../request/read.js';
import { usageOf } from '../response/usage.js';
import { choicesOf, isFinish, type Meaning, meaningOf } from './content.js';
import { blocksOf, eventIn, type SseEvent } from './sse.js';

/** Stands where the middle of an event was forgotten; no event that can be read has it. */
export const GAP = '\0';

/** The terminator is looked for in so many characters at the end. */
const TERMINATOR_ROOM = 64;
/** On a line of its own: an answer may quote it. */
const TERMINATOR = /(?:^|[\r\n])data: ?\[DONE\]\s*$/;
/** The terminator as it is written; a stream may be cut inside it. */
const TERMINATORS = ['data: [DONE]', 'data:[DONE]'];
/** What stands in an event that may tell of an error; in an answer that quotes it the quotes are escaped. */
const ERROR = /"error"(?!\s*:\s*null)|(?:^|[\r\n])event: ?error|response\.failed/;
/** What only events that tell of an error are called, for one that cannot be read any more. */
const FAILED = /"type"\s*:\s*"(?:error|response\.failed)"/;
/** What ends a response. An answer cannot quote it: its own quotes are escaped. The name in front says nothing: its data may never have come. */
const RESPONSE_END = /"type"\s*:\s*"response\.(?:completed|incomplete|cancelled)"|(?:^|[\r\n])data: ?\[DONE\]/;
/** What ends a picture, a transcript or a speech. */
const LAST = /"type"\s*:\s*"[\w.]+\.(?:completed|done)"/;
const FINISHED = /"finish_reason"\s*:\s*"[^"]/;
/** What was used; in an answer that quotes it the quotes are escaped. */
const USAGE = /"usage"\s*:\s*\{/;
/** The same with all that was used, and what it is made up of. */
const USED = /"usage"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*\}/g;
/** It stands in so many characters at the end. */
const USAGE_ROOM = 4_096;
const ENDS_IN_BLANK_LINE = /(?:\n\n|\r\r|\n\r\n)$/;
/** A line that belongs to an event; a comment does not, nor what tells a reader how to come back. */
const FIELD = /^(?!(?:retry|id):)[^:\s]/m;

/** What has passed of a stream, as text. An event is parsed only where its name and its looks do not tell enough. */
export class Transcript {
  /** Whether something of it was forgotten, because it was too long. */
  readonly isAbridged: boolean;
  readonly #text: string;
  readonly #resource: Resource | undefined;

  constructor(text: string, resource: Resource | undefined, isAbridged = false) {
    this.#text = text;
    this.#resource = resource;
    this.isAbridged = isAbridged;
  }

  /** Whether it ends with `[DONE]`. */
  hasTerminator(): boolean {
    return TERMINATOR.test(this.#tail());
  }

  /**
   * Whether the answer is all there, of so many choices. Streams of resources without a terminator that is known here are when their bytes
   * end in order.
   */
  isWhole(choices = 1): boolean {
    const resource = this.#resource;
    if (!this.hasKnownEnd()) return true;
    if (this.hasTerminator()) return true;
    if (resource === 'responses') return RESPONSE_END.test(this.#text);
    const events = this.#events();
    if (events.some(({ data }) => isAbridged(data) && FINISHED.test(data))) return true;
    const meanings = events.map((event) => meaningOf(event, resource));
    return meanings.some(({ what }) => what === 'done') || finishedChoices(meanings) >= choices;
  }

  /** Whether anything of the answer is in it; what is too large to be kept is. */
  hasContent(): boolean {
    return this.#events().some(
      (event) => isAbridged(event.data) || meaningOf(event, this.#resource).what === 'content',
    );
  }

  /** Whether what was used has been told where it is told for the whole answer, behind its finish; who has come to the terminator tells no more. */
  toldUsage(): boolean {
    const events = this.#events();
    const finish = events.findLastIndex(({ data }) => FINISHED.test(data));
    return events.slice(Math.max(0, finish)).some(({ data }) => USAGE.test(data) || data.startsWith('['));
  }

  /** What was used, as it was told at the end; undefined when it was not. */
  usage(): TokenUsage | undefined {
    const told = this.#text.slice(-USAGE_ROOM).match(USED)?.at(-1);
    if (told === undefined) return undefined;
    try {
      return usageOf(JSON.parse(`{${told}}`));
    } catch {
      return undefined;
    }
  }

  /** About how many tokens there were: most events hold one, and some servers send many at a time. */
  count(): number {
    return Math.max(blocksOf(this.#text).length - 1, Math.round(countTokens(this.partial().text)));
  }

  /** Whether the provider told of an error inside the stream. */
  toldError(): boolean {
    return ERROR.test(this.#text) && this.#events().some((event) => this.#isError(event));
  }

  /**
   * What is missing of a terminator in which the bytes were cut, and of the line break behind it; empty when that is not so. Where
   * nothing else tells that the answer is whole, `data: ` may as well have begun one more event.
   */
  missingOfTerminator(): string {
    const open = this.#open();
    if (open === '' || !(this.hasKnownEnd() || open.includes('['))) return '';
    const terminator = TERMINATORS.find((whole) => whole.startsWith(open));
    return terminator === undefined ? '' : `${terminator.slice(open.length)}\n\n`;
  }

  /** Whether it ends inside an event that cannot be read; one of which only the name has come is such an event. */
  isCutInEvent(): boolean {
    const open = this.#open();
    const event = eventIn(open);
    if (event === undefined) return FIELD.test(open);
    if (meaningOf(event, this.#resource).what !== 'malformed') return false;
    return !(isAbridged(event.data) && isClosed(event.data));
  }

  /** What had arrived. */
  partial(): PartialAnswer {
    let text = '';
    const events: unknown[] = [];
    for (const event of this.#events()) {
      const meaning = meaningOf(event, this.#resource);
      if (meaning.what === 'content') text += meaning.text;
      if (meaning.what === 'content' || meaning.what === 'nothing') events.push(meaning.parsed);
    }
    return this.isAbridged ? { text, events, isAbridged: true } : { text, events };
  }

  #isError(event: SseEvent): boolean {
    const { name, data } = event;
    const isNamed = name === 'error' || name === 'response.failed';
    if (isAbridged(data)) return (isNamed || FAILED.test(data)) && isClosed(data);
    return (isNamed || ERROR.test(data)) && meaningOf(event, this.#resource).what === 'error';
  }

  /** The last one may have no blank line behind it: some servers leave it out, and the official client reads that event too. */
  #events(): readonly SseEvent[] {
    return blocksOf(this.#text)
      .map(eventIn)
      .filter((event) => event !== undefined);
  }

  /** What stands behind the last blank line. */
  #open(): string {
    if (ENDS_IN_BLANK_LINE.test(this.#tail())) return '';
    return (blocksOf(this.#text).at(-1) ?? '').replace(/^\n+/, '');
  }

  /** Whether the answer itself tells that it is all there. */
  hasKnownEnd(): boolean {
    const resource = this.#resource;
    return resource === 'chat.completions' || resource === 'completions' || resource === 'responses';
  }

  /** Whether its last event says that it is the last: that of a picture, a transcript or a speech. */
  hasLastEvent(): boolean {
    return LAST.test(this.#events().at(-1)?.data ?? '');
  }

  #tail(): string {
    return this.#text.slice(-TERMINATOR_ROOM);
  }
}

/** Whether whole events have anything of an answer in them. */
export const hasContent = (events: Uint8Array, resource: Resource | undefined): boolean =>
  new Transcript(new TextDecoder().decode(events), resource).hasContent();

const isAbridged = (data: string): boolean => data.includes(GAP);

/** Whether the end of an event is there; more cannot be said of one whose middle was forgotten. */
const isClosed = (data: string): boolean => data.trimEnd().endsWith('}');

interface Finishing {
  readonly index?: number;
  readonly finish_reason?: unknown;
}

/** How many choices have their finish reason; none while one that was begun lacks it. */
function finishedChoices(meanings: readonly Meaning[]): number {
  const open = new Set<unknown>();
  const finished = new Set<unknown>();
  for (const meaning of meanings) {
    if (meaning.what !== 'content' && meaning.what !== 'nothing') continue;
    for (const { index = 0, finish_reason } of choicesOf<Finishing>(meaning.parsed))
      (isFinish(finish_reason) ? finished : open).add(index);
  }
  for (const index of finished) open.delete(index);
  return open.size === 0 ? finished.size : 0;
}
