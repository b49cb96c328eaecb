const SILENT_MS = 12_000;
const AGAIN_MS = 1_000;

/**
 * Hears the server's events. A browser comes back by itself when a connection breaks, but neither when it was refused for good, nor when
 * a connection is dead without having been closed: both are noticed here.
 */
export function listen({ picture, change, link }) {
  let source;
  let lastId = '';
  let heardAt = 0;
  const heard = (event, take) => {
    heardAt = performance.now();
    lastId = event.lastEventId || lastId;
    link('live');
    take?.(JSON.parse(event.data));
  };
  const open = () => {
    source?.close();
    heardAt = performance.now();
    source = new EventSource(`/events${lastId ? `?last=${encodeURIComponent(lastId)}` : ''}`);
    source.addEventListener('picture', (event) => heard(event, picture));
    source.addEventListener('change', (event) => heard(event, change));
    source.addEventListener('beat', (event) => heard(event));
    source.addEventListener('error', () => {
      link('lost');
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    });
  };
  open();
  setInterval(() => {
    if (performance.now() - heardAt < SILENT_MS) return;
    link('lost');
    open();
  }, AGAIN_MS);
}

/** Tells the server what to do to a target's breaker, and gives what there is to say of it. */
export async function send(target, action) {
  try {
    const response = await fetch('/control', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target, action }),
    });
    return response.ok ? `Done: ${action} ${target}` : `Refused: ${(await response.text()).trim()}`;
  } catch {
    return `Not sent: ${action} ${target}. The server cannot be reached.`;
  }
}
