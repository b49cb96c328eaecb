/** One part of a multipart body. */
export interface Part {
  readonly name: string;
  /** Only files have one. */
  readonly filename?: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/**
 * The parts of a `multipart/form-data` body, or nothing if it is broken.
 * Source: RFC 7578 and RFC 2046 section 5.1.
 */
export function parseMultipart(body: Buffer, contentType: string): Part[] | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary === null) return undefined;
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length;
    // Two dashes after the delimiter close the body.
    if (body.subarray(from, from + 2).toString() === '--') return parts;
    const end = body.indexOf(delimiter, from);
    const part = end < 0 ? undefined : parsePart(body.subarray(from + 2, end - 2));
    if (part === undefined) return undefined;
    parts.push(part);
    start = end;
  }
  return undefined;
}

function parsePart(part: Buffer): Part | undefined {
  const blank = part.indexOf('\r\n\r\n');
  if (blank < 0) return undefined;
  const head = part.subarray(0, blank).toString();
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return undefined;
  return {
    name,
    ...(filename !== undefined && { filename }),
    contentType: /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'text/plain',
    bytes: part.subarray(blank + 4),
  };
}

/** An upload for the log: fields as they are, files by name, type and size. */
export function summarize(parts: readonly Part[]): Record<string, unknown> {
  return Object.fromEntries(
    parts.map(({ name, filename, contentType, bytes }) => [
      name,
      filename === undefined ? bytes.toString() : { filename, contentType, bytes: bytes.length },
    ]),
  );
}
