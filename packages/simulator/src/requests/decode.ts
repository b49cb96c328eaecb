/** A path may hold any bytes; what cannot be decoded is taken as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
