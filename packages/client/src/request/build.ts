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
  readonly buildRequest?: unknown;
  /** Makes the headers, new ones for every request; hidden from TypeScript, and in its place in every major. */
  readonly buildHeaders?: unknown;
  readonly _provider?:
    | { prepareRequest?(request: RequestInit, about: About & { timeout: number | undefined }): Promise<void> }
    | undefined;
}

/** Hooks and builders that leave a request as the official client builds it: the official ones, and our own. */
const idle = new Set<unknown>();

/** Notes that the hooks of a client's prototype leave a request as the official client builds it. */
export function noteOwnHooks(prototype: object): void {
  const { prepareRequest, buildRequest, buildHeaders } = prototype as Hooks;
  for (const hook of [prepareRequest, buildRequest, buildHeaders]) idle.add(hook);
}

noteOwnHooks(Official.prototype);

/** Whether a client does something to its requests after they are built: then each one has to be built anew to be sent once more. */
export function hasRequestHook(client: BuildingClient): boolean {
  const { _provider, prepareRequest } = client as unknown as Hooks;
  return _provider !== undefined || (prepareRequest !== undefined && !idle.has(prepareRequest));
}

/** Whether a client's requests are as the official client builds them: then nobody else has their headers. */
export function buildsAlone(client: BuildingClient): boolean {
  const { buildRequest, buildHeaders } = client as unknown as Hooks;
  return !hasRequestHook(client) && idle.has(buildRequest) && idle.has(buildHeaders);
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
