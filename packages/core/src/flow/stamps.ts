import type { Shortage } from '../limits/target-limits.js';
import { type Target, toldMs } from '../targets/target.js';

/** A limit without room, as events name it. */
export function limitStampOf({ limiter, dimension, waitMs }: Shortage) {
  return { scope: limiter.scope, dimension, waitMs: toldMs(waitMs) };
}

/** A target as events name it. */
export function stampOf(target: Target) {
  const { id, endpoint, model } = target;
  return { target: id, endpoint: endpoint.id, region: endpoint.region, model };
}

/** The connections to an endpoint are those of all its models. */
export function stampOfTransport({ endpoint }: Target) {
  return { target: `${endpoint.id}/*`, endpoint: endpoint.id, region: endpoint.region, model: '*' };
}
