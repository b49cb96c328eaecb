import type { WatchedClient } from './watched.js';

/** Plain JavaScript hands in whatever there is. @throws TypeError for what is no client, saying what it is and what helps */
export function checkClient(use: string, client: unknown): void {
  if (typeof (client as Partial<WatchedClient> | null | undefined)?.on === 'function') return;
  throw new TypeError(
    `${use}(client): client must be a client of breakwater with a router, but is ${shown(client)}; make it with new OpenAI({ router: {} }) of 'breakwater'`,
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of the class ${value.constructor?.name || '?'}`;
}
