import OpenAI, { type ClientOptions, type EndpointOptions } from 'breakwater';

/** So many keys are tried at the same time. */
const AT_ONCE = 16;

/** One of the keys of an endpoint that has several. */
export interface ChosenKey {
  readonly endpoint: string;
  readonly index: number;
}

/**
 * A client with the endpoints of a configuration, and nothing of what would stand between it and them: no breaker, no limits, no other
 * model, no second try. An endpoint with several keys has the chosen one alone, because a list of models is always asked for with the first.
 */
export function probeClient(config: ClientOptions, timeoutMs: number, chosen?: ChosenKey): OpenAI {
  const { router = {}, ...official } = config;
  const endpoints = router.endpoints?.map(({ breaker: _breaker, limits: _limits, ...endpoint }) =>
    endpoint.id === chosen?.endpoint ? { ...endpoint, ...keyOf(endpoint, chosen) } : endpoint,
  );
  return new OpenAI({
    ...official,
    logLevel: 'off',
    maxRetries: 0,
    timeout: timeoutMs,
    router: {
      ...(endpoints && { endpoints }),
      breaker: false,
      limits: { learn: false },
      whenExhausted: 'fail',
      streams: { rescue: 'error' },
      health: { mode: 'passive', timeoutMs, concurrency: AT_ONCE },
    },
  });
}

function keyOf({ apiKey }: EndpointOptions, { index }: ChosenKey): Pick<EndpointOptions, 'apiKey'> | undefined {
  const key = typeof apiKey === 'object' ? apiKey[index] : undefined;
  return key === undefined ? undefined : { apiKey: key };
}
