import type { Route } from '@breakwater/core';
import { platformResponse } from './buffered.js';

/**
 * Where a thing carries its route: a hidden property, as the official client's own `_request_id` is one; it is neither copied nor
 * compared nor printed. A `WeakMap` of all answers costs four times as much, most of it when memory is cleaned up.
 */
const ROUTE = Symbol.for('breakwater.route');
/** For what cannot be written to. */
const routes = new WeakMap<object, Route>();

interface Routed {
  readonly [ROUTE]?: Route;
}

const isObject = (thing: unknown): thing is object => typeof thing === 'object' && thing !== null;

/** Remembers the way that led to something. */
export function rememberRoute(thing: unknown, route: Route | undefined): void {
  if (!route || !isObject(thing) || (thing as Routed)[ROUTE] === route) return;
  if (Object.isExtensible(thing)) Object.defineProperty(thing, ROUTE, { value: route, configurable: true });
  else routes.set(thing, route);
}

const known = (thing: unknown): Route | undefined =>
  isObject(thing) ? ((thing as Routed)[ROUTE] ?? routes.get(thing)) : undefined;

/** Remembers the way of an answer; for a stream under its signal as well, which those made of it by `tee()` share. */
export function rememberAnswer(answer: unknown, route: Route): void {
  rememberRoute(answer, route);
  const { controller } = (answer ?? {}) as { controller?: { signal?: unknown } };
  if (controller) rememberRoute(controller.signal, route);
}

/**
 * The way a call went: the target that answered, every attempt before it, and how long it took. Takes a completion, a stream, a
 * `Response`, or the error that was thrown; undefined for anything that did not come through a router, for what a helper such as
 * `.stream()` has put together, and for a caller's own abort, whose reason may be that of many calls.
 */
export function routeOf(thing: unknown): Route | undefined {
  const own = known(thing);
  if (own || !isObject(thing)) return own;
  // A page of a list keeps the response it came in.
  const { controller, headers, cause, response } = thing as Record<string, unknown>;
  for (const part of [(controller as { signal?: unknown } | undefined)?.signal, headers, cause, response]) {
    const route = known(part);
    if (route) return route;
  }
  return undefined;
}

/** A response that may be handed on as it is, by a server on the edge for one, with the way it came. */
export function handedOn(response: Response): Response {
  const platform = platformResponse(response);
  if (platform !== response) rememberRoute(platform, routeOf(response));
  return platform;
}
