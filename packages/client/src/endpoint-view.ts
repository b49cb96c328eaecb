import type { Endpoint } from '@breakwater/core';

/** An endpoint, and where it is. */
export interface EndpointView {
  readonly id: string;
  readonly region: string | undefined;
  /** Scheme, host and port of its base URL, and nothing else of it; undefined where that is not known yet. */
  readonly origin: string | undefined;
}

/** An endpoint as users see it. Of its address only what can hold no key. */
export function viewOf({ id, region, address }: Endpoint): EndpointView {
  const base = address?.() ?? '';
  return { id, region, origin: URL.canParse(base) ? new URL(base).origin : undefined };
}
