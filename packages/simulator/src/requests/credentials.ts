import { Rejection } from '../answers/rejection.js';
import { wrongKey } from '../faults/rejections.js';

/** The key that was sent, in any of the ways providers take it. */
export function keyOf(headers: Readonly<Record<string, string>>): string | undefined {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? headers['api-key'] ?? headers['x-api-key'];
}

/** Throws the API's 401 unless one of the accepted keys was sent. */
export function checkKey(headers: Readonly<Record<string, string>>, apiKeys: readonly string[] | undefined): void {
  if (apiKeys === undefined) return;
  const key = keyOf(headers);
  if (key === undefined) {
    throw new Rejection(401, {
      message:
        "You didn't provide an API key. It belongs into the Authorization header, as in: Authorization: Bearer YOUR_KEY.",
    });
  }
  if (!apiKeys.includes(key)) throw wrongKey(key);
}
