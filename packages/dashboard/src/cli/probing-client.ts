import OpenAI, { type ClientOptions } from 'breakwater';

/**
 * A client with the options of a configuration that only probes: its endpoints are looked at at intervals, whatever `health.mode` says.
 * What a program tells others of is left to the program: this one writes no log and sends no alert, which would come twice.
 */
export function probingClient(config: ClientOptions): OpenAI {
  const { router = {}, ...official } = config;
  const { health, alerts } = router;
  const client = new OpenAI({
    ...official,
    logLevel: 'off',
    router: {
      ...router,
      health: { ...(health || {}), mode: 'active' },
      ...(alerts && { alerts: { ...alerts, sinks: [] } }),
    },
  });
  // A target is met by its first call, and here there is none.
  for (const { id, models = [] } of router.endpoints ?? [])
    for (const model of Array.isArray(models) ? models : Object.keys(models)) client.router.target(`${id}/${model}`);
  return client;
}
