import { Rejection } from '../answers/rejection.js';
import { wrongKey } from '../faults/rejections.js';

/** Throws the API's 401 unless one of the accepted keys was sent, in any of the ways providers take it. */
export function checkKey(headers: Readonly<Record<string, string>>, apiKeys: readonly string[] | undefined): void {
  if (apiKeys === undefined) return;
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const key = bearer ?? headers['api-key'] ?? headers['x-api-key'];
  if (key === undefined) {
    throw new Rejection(401, {
      message:
        "You didn't provide an API key. It belongs into the Authorization header, as in: Authorization: Bearer YOUR_KEY.",
    });
  }
  if (!apiKeys.includes(key)) throw wrongKey(key);
}
