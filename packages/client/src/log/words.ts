/** A text on one line: what came from a server must not be able to end a line of a log, or to colour it. */
export function onOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
