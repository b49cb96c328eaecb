import { type Region, type Simulator, type SimulatorOptions, startSimulator } from '@breakwater/simulator';
import { OpenAI as Routed, AzureOpenAI as RoutedAzure } from 'breakwater';
import { type AzureClientOptions, AzureOpenAI, type ClientOptions, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { plain } from './plain.js';

/** The one who is asked: the official client, or ours in one of its two modes. */
interface Flavour {
  readonly OpenAI: typeof OpenAI;
  readonly AzureOpenAI: typeof AzureOpenAI;
  readonly extra: { readonly router?: object };
}

const OFFICIAL: Flavour = { OpenAI, AzureOpenAI, extra: {} };
const OURS = {
  'without a router': { OpenAI: Routed, AzureOpenAI: RoutedAzure, extra: {} },
  'with router: {}': { OpenAI: Routed, AzureOpenAI: RoutedAzure, extra: { router: {} } },
} satisfies Record<string, Flavour>;

/** How our client is made. */
export type Mode = keyof typeof OURS;

/** What a scene is given: a client of one flavour in front of a simulator of its own. */
export interface Stage {
  readonly client: OpenAI;
  readonly simulator: Simulator;
  readonly region: Region;
  /** Makes another client of the same flavour, at the simulator unless the options say otherwise. */
  make(options?: ClientOptions): OpenAI;
  /** The same with exactly these options: neither address nor key are added. */
  bare(options?: ClientOptions): OpenAI;
  makeAzure(options?: AzureClientOptions): AzureOpenAI;
}

/** Plays some calls and answers with everything the caller can see of what came of them. */
export type Scene = (stage: Stage) => Promise<unknown>;

/** How a scene is set. */
export interface Settings {
  /** For the stage's own client. */
  readonly client?: ClientOptions;
  readonly simulator?: SimulatorOptions;
  /** @default both */
  readonly modes?: readonly Mode[];
  /** Whether the requests as they reached the simulator are compared as well. @default true */
  readonly wire?: boolean;
}

/**
 * Plays a scene with the official client and with ours in each mode, every time in front of a fresh simulator of the same seed, and
 * compares what the caller sees and what goes over the wire. A scene that throws fails the test: expected errors are part of what it
 * answers with.
 */
export function both(name: string, scene: Scene, settings: Settings = {}): void {
  describe.concurrent(name, () => {
    let official: Promise<unknown> | undefined;
    test.each(settings.modes ?? (Object.keys(OURS) as Mode[]))('%s', async (mode) => {
      official ??= play(OFFICIAL, scene, settings);
      const [expected, seen] = await Promise.all([official, play(OURS[mode], scene, settings)]);
      expect(expected).toHaveProperty('seen', expect.anything());
      expect(seen).toStrictEqual(expected);
    });
  });
}

/** What one flavour makes of a scene, ready to be compared. */
async function play(
  { OpenAI: Client, AzureOpenAI: Azure, extra }: Flavour,
  scene: Scene,
  settings: Settings,
): Promise<unknown> {
  const simulator = await startSimulator({ answerTokens: [4, 8], ...settings.simulator });
  const region = simulator.regions[0] as Region;
  const bare: Stage['bare'] = (options) => new Client({ ...options, ...extra });
  const make: Stage['make'] = (options) =>
    bare({ baseURL: region.baseURL, apiKey: 'sk-test', logLevel: 'off', ...options });
  const makeAzure: Stage['makeAzure'] = (options) =>
    new Azure({ endpoint: region.azureEndpoint, apiVersion: '2024-10-21', logLevel: 'off', ...options, ...extra });
  try {
    const seen = plain(await scene({ client: make(settings.client), simulator, region, make, bare, makeAzure }));
    return settings.wire === false ? { seen } : { seen, wire: wireOf(simulator) };
  } finally {
    await simulator.close();
  }
}

/** The requests as they came in, without what depends on the moment. */
function wireOf(simulator: Simulator): unknown {
  return simulator.log.map(({ number, method, path, query, headers, body, status, fault }) =>
    plain({ number, method, path, query, headers, body: body ?? null, status: status ?? null, fault: fault ?? null }),
  );
}
