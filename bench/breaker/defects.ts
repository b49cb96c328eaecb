import { LIBRARIES, type Library } from './guards.ts';
import { Play, type Scenario } from './play.ts';
import { SCENARIOS } from './scenarios.ts';
import { inVirtualTime } from './time.ts';

/** How a library does in a scenario; `-` where it has no setting for it. */
export type Verdict = 'ok' | 'fails' | '-';

/** One scenario, and how each library did. */
export interface DefectRow {
  readonly what: string;
  readonly knownFrom: string;
  readonly verdicts: Readonly<Record<keyof typeof LIBRARIES, Verdict>>;
}

/** Runs every scenario against every library, one after the other. */
export async function runDefects(): Promise<DefectRow[]> {
  const rows: DefectRow[] = [];
  for (const scenario of SCENARIOS) {
    const { what, knownFrom } = scenario;
    const verdicts: Record<string, Verdict> = {};
    for (const [name, library] of Object.entries(LIBRARIES)) verdicts[name] = await verdictOf(scenario, library);
    rows.push({ what, knownFrom, verdicts: verdicts as DefectRow['verdicts'] });
  }
  return rows;
}

const verdictOf = ({ settings, isWell }: Scenario, library: Library): Promise<Verdict> =>
  inVirtualTime(async (time) => {
    const guard = library(settings, time);
    if (!guard) return '-';
    const another = () => new Play(library(settings, time) ?? guard, time);
    return (await isWell(new Play(guard, time), another)) ? 'ok' : 'fails';
  });
