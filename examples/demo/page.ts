import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { renderDashboard, serveDashboard } from '@breakwater/dashboard';
import type { OpenAI } from 'breakwater';

/** The live page of a run. */
export interface Page {
  readonly url: string;
  /** Writes what the page shows now to a file, and answers with its path. */
  write(path: string | undefined): Promise<string>;
  /** Closes the page; if it is to stay, not before somebody presses Ctrl-C. */
  end(stays: boolean, print: (text: string) => void): Promise<void>;
}

/** Serves the live page, with its buttons, on a free port of this machine. */
export async function openPage(client: OpenAI): Promise<Page> {
  const dashboard = await serveDashboard(client, { title: 'breakwater demo', allowControl: true });
  return {
    url: dashboard.url,
    write: async (path) => {
      const file = path ? resolve(path) : join(await mkdtemp(join(tmpdir(), 'breakwater-')), 'picture.html');
      await writeFile(file, renderDashboard(dashboard.state()));
      return file;
    },
    end: async (stays, print) => {
      if (stays) await interrupted(dashboard.url, print);
      await dashboard.close();
    },
  };
}

async function interrupted(url: string, print: (text: string) => void): Promise<void> {
  print(`The live page stays at ${url} until Ctrl-C.`);
  // Neither the page nor waiting for a signal keeps a process alive.
  const alive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(alive);
}
