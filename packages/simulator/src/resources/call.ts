import type { Answer } from '../answers/answer.js';
import type { RegionSettings } from '../options.js';
import type { Part } from '../requests/multipart.js';
import type { World } from './world.js';

/** One request, understood: what a resource needs to answer it. */
export interface Call {
  /** Without version or deployment: `/chat/completions`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The JSON body's or the upload's fields; empty if there are none. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
  /** From the body or, on Azure paths, the deployment. */
  readonly model: string | undefined;
  /** How the region is set at the moment. */
  readonly settings: RegionSettings;
}

/** Answers a call, or throws a Rejection. */
export type Resource = (call: Call, world: World) => Answer;
