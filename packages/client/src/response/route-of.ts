import type { Route } from '@breakwater/core';

/** Routes by what the caller has in hands: a completion, a stream, a response or an error. Nothing is written into those. */
const routes = new WeakMap<object, Route>();

/** Remembers the way that led to something. */
export function rememberRoute(thing: unknown, route: Route | undefined): void {
  if (route && typeof thing === 'object' && thing !== null) routes.set(thing, route);
}

/** Remembers the way of a parsed answer, under the parts as well that helpers such as `.parse()` carry over into objects of their own. */
export function rememberAnswer(answer: unknown, route: Route): void {
  rememberRoute(answer, route);
  if (typeof answer !== 'object' || answer === null) return;
  const { usage, controller } = answer as { usage?: unknown; controller?: { signal?: unknown } };
  rememberRoute(usage, route);
  rememberRoute(controller?.signal, route);
}

/**
 * The way a call went: the target that answered, every attempt before it, and how long it took. Takes a completion, a stream, a
 * `Response`, or the error that was thrown; undefined for anything that did not come through a router.
 */
export function routeOf(thing: unknown): Route | undefined {
  if (typeof thing !== 'object' || thing === null) return undefined;
  const known = routes.get(thing);
  if (known) return known;
  // A page of a list keeps the response it came in.
  const { usage, controller, headers, cause, response } = thing as Record<string, unknown>;
  for (const part of [usage, (controller as { signal?: unknown } | undefined)?.signal, headers, cause, response]) {
    const route = typeof part === 'object' && part !== null ? routes.get(part) : undefined;
    if (route) return route;
  }
  return undefined;
}
