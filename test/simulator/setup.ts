import { type Simulator, type SimulatorOptions, startSimulator } from '@breakwater/simulator';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';

/** A simulator that is closed when the test is over, and the official client at its first region. */
export async function start(options: SimulatorOptions = {}) {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  const region = simulator.regions[0];
  if (region === undefined) throw new Error('A simulator has one region at least.');
  return { simulator, region, client: clientOf(simulator, region.name) };
}

/** The official client at a region, without retries and log: one call is one request, and broken streams are no news here. */
export function clientOf(simulator: Simulator, region: string, apiKey = 'sk-test'): OpenAI {
  return new OpenAI({ baseURL: simulator.region(region).baseURL, apiKey, maxRetries: 0, logLevel: 'off' });
}

/** A question to gpt-4.1. */
export const question = (content: string) => ({ model: 'gpt-4.1', messages: [{ role: 'user' as const, content }] });

/** How a call failed, in one line; fails the test if it did not. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    return [(error as Error).constructor.name, status, code]
      .filter((part) => part !== undefined && part !== null)
      .join(' ');
  }
  throw new Error('The call was expected to fail, but it did not.');
}
