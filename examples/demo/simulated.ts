import { startSimulator } from '@breakwater/simulator';
import type { RouterOptions } from 'breakwater';
import type { Flags } from './flags.ts';
import type { Stage } from './stage.ts';
import { drawTraffic } from './traffic.ts';
import { WEATHER } from './weather.ts';

const MODELS = ['gpt-4.1', 'claude-sonnet-4-5', 'gemini-2.5-flash', 'deepseek-chat'];
const REGIONS = { seoul: 20, tokyo: 35, frankfurt: 110 } as const;
/** Where they are, for those who look at the page. */
const CODES: Readonly<Record<string, string>> = {
  seoul: 'ap-northeast-2',
  tokyo: 'ap-northeast-1',
  frankfurt: 'eu-central-1',
};
const PER_SECOND = 10;
/** A caller waits ten seconds in a run of forty; in a shorter one less, or its end would be nothing but waiting. */
const PATIENCE_SHARE = 0.25;
const LEAST_PATIENCE_MS = 4_000;
const MOST_PATIENCE_MS = 10_000;
const LEAST_ATTEMPT_MS = 800;

const keyOf = (region: string, client: string) => `key-of-${client}-for-${region}`;

/** Starts three regions with four models each, every region with keys of its own. */
export async function simulatedStage({ seed, seconds }: Flags): Promise<Stage> {
  const clients = ['breakwater', 'openai'];
  const regions = Object.entries(REGIONS).map(([name, latencyMs]) => {
    return [
      name,
      { latencyMs, jitterMs: latencyMs / 2, apiKeys: clients.map((client) => keyOf(name, client)) },
    ] as const;
  });
  const simulator = await startSimulator({
    seed,
    models: MODELS,
    tokensPerSecond: 250,
    regions: Object.fromEntries(regions),
  });
  const timeoutMs = Math.min(Math.max(seconds * 1_000 * PATIENCE_SHARE, LEAST_PATIENCE_MS), MOST_PATIENCE_MS);
  const attemptMs = Math.max(LEAST_ATTEMPT_MS, Math.round(timeoutMs / 8));
  const endpoints = simulator.regions.map(({ name, baseURL }) => ({
    id: name,
    region: CODES[name] ?? name,
    baseURL,
    apiKey: keyOf(name, 'breakwater'),
  }));
  const { baseURL } = simulator.region('seoul');
  const router: RouterOptions = {
    // In their order: the weather is worst at the first one, and would be seen less where the others are asked as well.
    routing: 'priority',
    endpoints,
    fallbacks: MODELS,
    // Answers take a fifth of a second here. Without these limits an attempt may take half of what is left of the call.
    timeouts: { firstTokenMs: Math.round(attemptMs * 0.8), attemptMs },
  };
  return {
    options: {
      breakwater: { baseURL, apiKey: keyOf('seoul', 'breakwater'), router },
      openai: { baseURL, apiKey: keyOf('seoul', 'openai') },
    },
    timeoutMs,
    questions: drawTraffic({ seed, models: MODELS, forMs: seconds * 1_000, perSecond: PER_SECOND }),
    runMs: seconds * 1_000,
    weather: WEATHER.map((spell) => ({ ...spell, begin: () => spell.begin(simulator) })),
    arrived: (client) =>
      simulator.log.filter(({ headers }) => headers.authorization?.includes(keyOf('', client).slice(0, -1))).length,
    close: () => simulator.close(),
  };
}
