/** A time of so many milliseconds as people write it: `80 ms`, `1.5 s`, `20 s`, `5 min`. */
export function inWords(ms: number): string {
  if (!Number.isFinite(ms)) return 'as long as nobody changes it';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 6_000) / 10} min`;
  return `${Math.round(ms / 360_000) / 10} h`;
}

/** A text on one line: what came from a server must not be able to end a line of a log, or to colour it. */
export function onOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
