import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '@breakwater/simulator';
import type { ClientOptions, EndpointOptions } from 'breakwater';
import { onTestFinished } from 'vitest';
import type { Diagnosis } from '../../../packages/client/src/doctor/report.js';
import { type Ended, run } from '../../../packages/client/src/doctor/run.js';

/** What stands for every key; it must be printed nowhere. */
export const CANARY = 'sk-canary';

/** A file in a folder of its own, which ends with the test. */
export function writeFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A configuration file with these endpoints. */
export function configOf(endpoints: readonly EndpointOptions[], router: ClientOptions['router'] = {}): string {
  const config: ClientOptions = { apiKey: `${CANARY}-primary`, router: { ...router, endpoints } };
  return writeFile('router.config.mjs', `export default ${JSON.stringify(config)};`);
}

/** A simulator of these regions, which ends with the test. */
export async function regionsOf(regions: NonNullable<SimulatorOptions['regions']>): Promise<Simulator> {
  const simulator = await startSimulator({ regions });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Endpoints at all regions of a simulator, each with a key of its own. */
export function endpointsAt({ regions }: Simulator, more: Partial<EndpointOptions> = {}): EndpointOptions[] {
  return regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `${CANARY}-${name}`, ...more }));
}

/** Runs the doctor on a configuration; a key in anything that it says fails the test. */
export async function doctor(config: string, ...flags: readonly string[]): Promise<Ended> {
  const ended = await run(['doctor', '--config', config, ...flags], {});
  if (`${ended.out}${ended.error}`.includes(CANARY)) throw new Error(`A key was printed:\n${ended.out}${ended.error}`);
  return ended;
}

/** What the doctor found, as data. */
export async function diagnosisOf(
  config: string,
  ...flags: readonly string[]
): Promise<Diagnosis & { exitCode: number }> {
  const { exitCode, out, error } = await doctor(config, '--json', ...flags);
  if (error !== '') throw new Error(error);
  return { exitCode, ...JSON.parse(out) };
}

/** What is to be fixed, and to be known, each as `level endpoint message`. */
export const said = ({ problems }: Diagnosis): readonly string[] =>
  problems.map(({ level, endpoint = '*', message }) => `${level} ${endpoint} ${message}`);
