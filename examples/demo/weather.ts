import type { Fault, Simulator } from '@breakwater/simulator';

/** Something that goes wrong for a while. */
export interface Spell {
  /** When it begins and ends, as shares of the run. */
  readonly from: number;
  readonly to: number;
  /** For people: `seoul dies`. */
  readonly title: string;
  /** Makes it happen; the answer takes it back. */
  begin(simulator: Simulator): () => void;
}

const everywhere = (model: string, fault: Fault) => (simulator: Simulator) => {
  const undos = simulator.regions.map((region) => region.model(model).fault(fault));
  return () => {
    for (const undo of undos) undo();
  };
};
const inRegion = (region: string, fault: Fault) => (simulator: Simulator) => simulator.region(region).fault(fault);
const inTargets = (region: string, models: readonly string[], fault: Fault) => inRegion(region, { ...fault, models });

/**
 * The weather of a run, in order. Everything is back before the end. No stream is cut once its first content has been sent: nothing
 * could continue it in this version, so that would be the same loss in both clients.
 */
export const WEATHER: readonly Spell[] = [
  {
    from: 0.06,
    to: 0.18,
    title: 'seoul dies: connections are refused',
    begin: (simulator) => dies(simulator, 'seoul'),
  },
  {
    from: 0.09,
    to: 0.16,
    title: 'tokyo/deepseek-chat answers 503',
    begin: inTargets('tokyo', ['deepseek-chat'], { kind: 'status', status: 503 }),
  },
  {
    // Two seconds of a run of forty: a longer slow spell costs more of the retry budget (20, and 0.2 for each request) than there is.
    from: 0.23,
    to: 0.28,
    title: 'seoul turns slow: four seconds late',
    begin: inRegion('seoul', { kind: 'slow', addMs: 4_000 }),
  },
  {
    from: 0.34,
    to: 0.44,
    title: 'gpt-4.1 answers 503 in every region',
    begin: everywhere('gpt-4.1', { kind: 'status', status: 503 }),
  },
  {
    from: 0.44,
    to: 0.54,
    title: 'seoul/gemini-2.5-flash answers 429, Retry-After: 20',
    begin: inTargets('seoul', ['gemini-2.5-flash'], { kind: 'rate-limit', retryAfterSeconds: 20 }),
  },
  { from: 0.57, to: 0.6, title: 'seoul goes silent', begin: inRegion('seoul', { kind: 'silence' }) },
  {
    from: 0.68,
    to: 0.75,
    title: 'seoul/gpt-4.1 and seoul/claude-sonnet-4-5 break off before the first word',
    begin: inTargets('seoul', ['gpt-4.1', 'claude-sonnet-4-5'], { kind: 'cut', afterTokens: 0, clean: true }),
  },
  { from: 0.8, to: 0.89, title: "seoul's key is revoked: 401", begin: revoked('seoul') },
  { from: 0.83, to: 0.89, title: 'tokyo dies as well', begin: (simulator) => dies(simulator, 'tokyo') },
];

function revoked(name: string) {
  return (simulator: Simulator) => {
    const region = simulator.region(name);
    const { apiKeys } = region.settings;
    region.set({ apiKeys: ['the key that was issued instead'] });
    return () => region.set({ apiKeys });
  };
}

const LOOK_EVERY_MS = 10;
const QUIET_LOOKS = 3;

/**
 * Kills a region: whoever waits for an answer loses the connection, and soon nobody gets one any more. The port closes when the
 * streams that were already speaking have been heard to their end, which takes a fraction of a second.
 */
function dies(simulator: Simulator, name: string): () => void {
  const region = simulator.region(name);
  const undos = [region.fault({ kind: 'reset' })];
  let quietLooks = 0;
  const timer = setInterval(() => {
    const requests = simulator.requests({ region: name });
    const speaks = requests.some(({ streamed, status, ending }) => streamed && status === 200 && ending === 'open');
    quietLooks = speaks ? 0 : quietLooks + 1;
    if (quietLooks < QUIET_LOOKS) return;
    clearInterval(timer);
    undos.push(region.fault({ kind: 'refuse' }));
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const undo of undos) undo();
  };
}
