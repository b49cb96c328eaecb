/**
 * A whole answer that has been read already, as a `Response` like the one it came in. The text is handed out as it is, without a
 * second way through a stream; every other way to read works as ever, because a real body stands behind it.
 */
export function bufferedResponse(text: string, original: Response): Response {
  const { status, statusText, headers } = original;
  const copy = new Response(text === '' ? null : text, { status, statusText, headers });
  // A constructed response has no address; whoever logs it wants the real one.
  Object.defineProperty(copy, 'url', { value: original.url });
  if (text === '') return copy;
  let unread = true;
  const readText = () => {
    if (!unread || copy.bodyUsed) return Response.prototype.text.call(copy);
    unread = false;
    return Promise.resolve(text);
  };
  Object.defineProperty(copy, 'text', { value: readText, configurable: true, writable: true });
  Object.defineProperty(copy, 'json', { value: () => readText().then(JSON.parse), configurable: true, writable: true });
  return copy;
}
