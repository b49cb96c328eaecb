import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may see the page: everybody who reaches it, or who knows a token. */
export class Admission {
  readonly #token: string | undefined;
  readonly #name: string;

  /** The port is in the cookie's name, because browsers keep one jar for all ports of a host. */
  constructor(token: string | undefined, port: number) {
    this.#token = token;
    this.#name = `breakwater-dashboard-${port}`;
  }

  /** Whether a request may have what it asks for. */
  admits({ headers }: IncomingMessage): boolean {
    if (this.#token === undefined) return true;
    const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return isSame(bearer, this.#token);
    const cookie = (headers.cookie ?? '')
      .split(/; */)
      .find((one) => one.startsWith(`${this.#name}=`))
      ?.slice(this.#name.length + 1);
    return cookie !== undefined && isSame(cookie, this.#pass(this.#token));
  }

  /** The cookie for who brings the token in the address; undefined when it is not the right one. */
  cookieFor(token: string): string | undefined {
    if (this.#token === undefined || !isSame(token, this.#token)) return undefined;
    return `${this.#name}=${this.#pass(this.#token)}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** What the browser keeps is not the token, and outlives a restart of the server. */
  #pass(token: string): string {
    return createHmac('sha256', token).update(this.#name).digest('base64url');
  }
}

/** Compares in a time that tells nothing of where two texts differ, nor of how long they are. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
