/**
 * Has somebody hear of an abort without being kept by the signal; gives what ends that. A stream that nobody reads is told of its caller's
 * abort by nobody else, and would hold its place for as long as somebody holds it.
 */
export function leftWith<Body extends object>(
  signal: AbortSignal,
  body: Body,
  leave: (body: Body) => void,
): () => void {
  const reference = new WeakRef(body);
  const onAbort = () => {
    const left = reference.deref();
    if (left) leave(left);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => signal.removeEventListener('abort', onAbort);
}
