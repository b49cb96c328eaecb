import { OpenAI as Official } from 'openai';

/** The options of one request, as the official client hands them to its hooks. */
export type FinalRequestOptions = Parameters<Official['buildRequest']>[0];

/** The part of an official client that makes a request; a ready-made client need not have more than the first. */
type BuildingClient = Pick<Official, 'buildRequest'>;

interface About {
  readonly url: string;
  readonly options: FinalRequestOptions;
}

/** The hooks around the building of a request: two that are documented, and that of the official `provider` option (Bedrock, say). */
interface Hooks {
  prepareOptions?(options: FinalRequestOptions): Promise<void>;
  prepareRequest?(request: RequestInit, about: About): Promise<void>;
  readonly _provider?:
    | { prepareRequest?(request: RequestInit, about: About & { timeout: number | undefined }): Promise<void> }
    | undefined;
}

/** Hooks that leave a request as it was built: the official one, and our own. */
const idle = new Set<unknown>();

/** Notes that the `prepareRequest` of a client's prototype leaves a request as it was built. */
export function noteOwnHook(prototype: object): void {
  idle.add((prototype as Hooks).prepareRequest);
}

noteOwnHook(Official.prototype);

/** Whether a client does something to its requests after they are built: then each one has to be built anew to be sent once more. */
export function hasRequestHook(client: BuildingClient): boolean {
  const { _provider, prepareRequest } = client as unknown as Hooks;
  return _provider !== undefined || (prepareRequest !== undefined && !idle.has(prepareRequest));
}

/**
 * Builds a request as the official client does for each of its tries: the hooks in their order, so that what signs a request has the
 * last word on it. The majors before the last resolve a key function in the first of them.
 */
export async function build(
  client: BuildingClient,
  options: FinalRequestOptions,
  { retryCount }: { retryCount: number },
): Promise<{ readonly url: string; readonly request: RequestInit }> {
  const hooks = client as unknown as Hooks;
  await hooks.prepareOptions?.(options);
  const { url, req, timeout } = await client.buildRequest(options, { retryCount });
  await hooks.prepareRequest?.(req, { url, options });
  await hooks._provider?.prepareRequest?.(req, { url, options, timeout });
  return { url, request: req };
}
