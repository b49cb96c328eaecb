import type { IncomingMessage } from 'node:http';
import { type Part, parseMultipart, summarize } from './multipart.js';

/** A request's body, read whole. */
export interface Body {
  /** What the log shows. */
  readonly shown: unknown;
  /** The JSON object or the upload's text fields; empty if there is neither. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
  /** Why it could not be understood. */
  readonly fault?: 'json' | 'multipart';
}

/** Reads and parses the body; rejects if the client leaves before its end. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  if (bytes.length === 0) return { shown: undefined, params: {}, parts: [] };
  const contentType = request.headers['content-type'] ?? '';
  return contentType.startsWith('multipart/form-data') ? readUpload(bytes, contentType) : readJson(bytes.toString());
}

function readUpload(bytes: Buffer, contentType: string): Body {
  const parts = parseMultipart(bytes, contentType);
  if (parts === undefined) return { shown: bytes.toString(), params: {}, parts: [], fault: 'multipart' };
  const fields = parts.filter(({ filename }) => filename === undefined);
  return {
    shown: summarize(parts),
    params: Object.fromEntries(fields.map(({ name, bytes }) => [name, bytes.toString()])),
    parts,
  };
}

function readJson(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { shown: value, params: value as Record<string, unknown>, parts: [] };
    }
    return { shown: value, params: {}, parts: [], fault: 'json' };
  } catch {
    return { shown: text, params: {}, parts: [], fault: 'json' };
  }
}
