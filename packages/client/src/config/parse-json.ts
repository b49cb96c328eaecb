import { ConfigError } from './config-error.js';

/** Parses JSON. The platform's own message quotes what stands around the fault, which in a config may well be a key; this one tells where it is. */
export function parseJSON(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(path, `it is no JSON${placeIn(text, (error as Error).message)}`);
  }
}

/** How much Node quotes before a fault. */
const QUOTED_BEFORE = 10;

/** The line of a fault. Some platforms tell its position, some quote what stands around it, and some neither. */
function placeIn(text: string, message: string): string {
  if (/end of JSON input/i.test(message)) return ': it ends too early';
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  const found = position === undefined ? quotedIn(text, message) : Number(position);
  return found === undefined ? '' : `: see line ${text.slice(0, found).split('\n').length}`;
}

function quotedIn(text: string, message: string): number | undefined {
  const [, dots, quoted] = /, (\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  const start = quoted === undefined ? -1 : text.indexOf(quoted);
  // What stands there twice says nothing of where the fault is.
  if (quoted === undefined || start < 0 || start !== text.lastIndexOf(quoted)) return undefined;
  return start + (dots === undefined ? 0 : QUOTED_BEFORE);
}
