import { ConfigError } from './config-error.js';

/** Parses JSON. The platform's own message quotes what stands around the fault, which in a config may well be a key; this one tells where it is. */
export function parseJSON(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(path, `it is no JSON${placeIn(text, (error as Error).message)}`);
  }
}

/** The line and column of a fault. Some platforms tell its position, some its line, and some neither. */
function placeIn(text: string, message: string): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position === undefined) return /end of JSON input/i.test(message) ? ': it ends too early' : '';
  const before = text.slice(0, Number(position)).split('\n');
  return `: see line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
