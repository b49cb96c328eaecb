import { basename } from 'node:path';
import type { ClientOptions, OpenAI } from 'breakwater';
import { configFaults, findConfig, loadConfig } from 'breakwater/config';
import { type Dashboard, serveDashboard } from '../serve.js';
import { type Env, type Flags, readFlags, type UsageError } from './flags.js';
import { probingClient } from './probing-client.js';
import { USAGE } from './usage.js';

/** What the command has to say, and either how it ended or how it is ended. */
export type Ran = { readonly out: string; readonly error: string } & (
  | {
      /** 0: help was asked for. 1: it cannot listen. 2: a flag or the configuration cannot be used. */ readonly exitCode:
        | 0
        | 1
        | 2;
    }
  | { /** Serves no longer, and probes no longer. */ readonly close: () => Promise<void> }
);

/** Runs `breakwater-dashboard` with these arguments. Never rejects, and prints nothing itself. */
export async function run(args: readonly string[], env: Env): Promise<Ran> {
  let flags: Flags;
  try {
    flags = readFlags(args, env);
  } catch (error) {
    const [message] = configFaults(error as UsageError, { env });
    const hint = 'npx breakwater-dashboard --help shows what there is.';
    return { exitCode: 2, out: '', error: `breakwater-dashboard: ${message}\n${hint}\n` };
  }
  return flags.help ? { exitCode: 0, out: USAGE, error: '' } : start(flags, env);
}

async function start(flags: Flags, env: Env): Promise<Ran> {
  let config: ClientOptions | undefined;
  let name = flags.config ?? 'router.config';
  let client: OpenAI;
  try {
    name = flags.config ?? findConfig();
    config = await loadConfig(name);
    client = probingClient(config);
  } catch (error) {
    const faults = configFaults(error, { config, env }).map((fault) => `  ${fault}\n`);
    return { exitCode: 2, out: '', error: `${name} cannot be used:\n${faults.join('')}` };
  }
  try {
    const dashboard = await served(client, name, flags);
    // Listened to already, so that the page has the first probes too.
    void client.router.warmUp();
    return { out: welcome(dashboard, name, flags), error: '', close: () => closed(dashboard, client) };
  } catch (error) {
    client.router.close();
    return { exitCode: 1, out: '', error: `breakwater-dashboard: ${(error as Error).message}\n` };
  }
}

function served(client: OpenAI, name: string, { port, host, token, allowControl }: Flags): Promise<Dashboard> {
  const title = `${basename(name)}, probed from this machine`;
  return serveDashboard(client, { port, host, allowControl, title, ...(token !== undefined && { token }) });
}

async function closed(dashboard: Dashboard, client: OpenAI): Promise<void> {
  client.router.close();
  await dashboard.close();
}

function welcome({ url }: Dashboard, name: string, { token }: Flags): string {
  const first = token === undefined ? '' : 'Open it once with ?token=… behind the address.\n';
  return `${name}: ${url}\n${first}It shows what probes from here find, not the calls of other processes. Ctrl-C ends it.\n`;
}
