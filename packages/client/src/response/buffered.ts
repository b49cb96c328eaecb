/**
 * A whole answer that has been read already, as a `Response` like the one it came in. The text is handed out as it is, without a
 * second way through a stream; every other way to read works as ever, because a real body stands behind it.
 */
export function bufferedResponse(text: string, original: Response): Response {
  const { status, statusText, headers } = original;
  const copy = new Response(text === '' ? null : text, { status, statusText, headers });
  showOrigin(copy, original);
  if (text === '') return copy;
  let unread = true;
  const readText = () => {
    if (!unread || copy.bodyUsed) return Response.prototype.text.call(copy);
    unread = false;
    // The body behind it counts as read from now on, as it would after the real `text()`: `bodyUsed` says so, nobody reads twice.
    copy.body?.cancel().catch(() => undefined);
    return Promise.resolve(text);
  };
  Object.defineProperty(copy, 'text', { value: readText, configurable: true, writable: true });
  Object.defineProperty(copy, 'json', { value: () => readText().then(JSON.parse), configurable: true, writable: true });
  return copy;
}

/** A constructed response has no address and no type of its own, and neither has its copy; whoever logs it wants the real ones. */
export function showOrigin(response: Response, { url, type }: Pick<Response, 'url' | 'type'>): void {
  const clone = () => {
    const copy = Response.prototype.clone.call(response);
    showOrigin(copy, { url, type });
    return copy;
  };
  Object.defineProperties(response, { url: { value: url }, type: { value: type }, clone: { value: clone } });
}
