/** One server-sent event. */
export interface SseEvent {
  /** Its `event:` field; empty when it has none. */
  readonly name: string;
  /** Its `data:` lines, joined by line breaks. */
  readonly data: string;
}

/**
 * Splits bytes into server-sent events, wherever the bytes were cut. Comments and events without data are left out.
 * Source: WHATWG HTML, "9.2.6 Interpreting an event stream".
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  #text = '';

  /** The events that are whole now. */
  push(bytes: Uint8Array): readonly SseEvent[] {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    // A CR at the end may be the first half of a CRLF: it is looked at when the next bytes are here.
    const held = this.#text.endsWith('\r') ? 1 : 0;
    const ready = this.#text.slice(0, this.#text.length - held).replace(/\r\n?/g, '\n');
    const blocks = ready.split('\n\n');
    this.#text = (blocks.pop() ?? '') + this.#text.slice(this.#text.length - held);
    return blocks.map(parse).filter((event) => event !== undefined);
  }

  /** The event that was left open when the bytes ended; it counts only for looking at what had arrived. */
  rest(): SseEvent | undefined {
    return parse(this.#text.replace(/\r\n?/g, '\n'));
  }
}

function parse(block: string): SseEvent | undefined {
  let name = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    const field = line.slice(0, colon);
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
  }
  return data.length > 0 ? { name, data: data.join('\n') } : undefined;
}
