import { letGo } from '../receive.js';
import { bytesOf, type ChunkReader } from '../stream/chunks.js';

/** More than any error has; a list of models that is longer is let go of, and its connection with it. */
const MOST_BYTES = 65_536;

/**
 * The beginning of a body as text; all of it as a rule, so that the connection can serve again. One that breaks off gives what there was
 * of it: status and headers have been answered.
 */
export async function readSome(response: Response): Promise<string> {
  if (typeof response.body?.getReader !== 'function') return readByItself(response);
  const reader: ChunkReader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MOST_BYTES; ) {
      const { done, value } = await reader.read();
      if (done || value === undefined) return text;
      const chunk = bytesOf(value);
      bytes += chunk.byteLength;
      text += decoder.decode(chunk, { stream: true });
    }
    void reader.cancel().catch(() => undefined);
  } catch {
    // It broke off, or the probe was given up.
  }
  return text;
}

/** What a user's own `fetch` calls a body may be read in no other way. */
async function readByItself(response: Response): Promise<string> {
  if (response.ok) {
    letGo(response);
    return '';
  }
  return response.text().catch(() => '');
}
