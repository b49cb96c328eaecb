// The demo: the same traffic through breakwater and through the plain openai client, while regions and models fail.
import { breakwater, type Contestant, plainOpenAI } from './contestants.ts';
import { FlagError, type Flags, readFlags, USAGE } from './flags.ts';
import { lineView } from './lines.ts';
import { liveStage } from './live.ts';
import { openPage } from './page.ts';
import { type FinalScore, reportOf } from './report.ts';
import { startRace } from './run.ts';
import { lost, type Score } from './score.ts';
import { screenView } from './screen.ts';
import { show } from './show.ts';
import { simulatedStage } from './simulated.ts';
import type { Stage } from './stage.ts';

const NOTE = `No stream was cut after its first word: how such an answer goes on elsewhere is shown by examples/04-streams.ts.
A key that was refused rests for five minutes, so seoul stays out until then.`;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  try {
    const flags = readFlags(process.argv.slice(2));
    if (flags.help) {
      print(USAGE);
      return 0;
    }
    const stage = await (flags.live ? liveStage(flags) : simulatedStage(flags));
    try {
      return await play(stage, flags);
    } finally {
      await stage.close();
    }
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`${error.message}\n\nnpm start -- --help tells what there is.\n`);
    return 2;
  }
}

/** Lets both clients run through the stage, and answers with the exit code. */
async function play(stage: Stage, { live, seed, dashboard, picture }: Flags): Promise<number> {
  const { options, timeoutMs, questions, runMs } = stage;
  const ours = breakwater(options.breakwater, timeoutMs);
  const plain = plainOpenAI(options.openai, timeoutMs);
  print(
    `${questions.length} questions in ${Math.round(runMs / 1_000)} s through breakwater and, side by side, through openai alone;`,
  );
  print(
    `one in three streamed, callers wait ${timeoutMs / 1_000} s.${live ? ' Real endpoints: nothing is made to fail.' : ` Seed ${seed}.`}\n`,
  );

  const page = await openPage(ours.client);
  print(`Live page: ${page.url}\n`);
  const view = process.stdout.isTTY ? screenView(process.stdout) : lineView(print);
  const race = startRace([ours, plain], questions);
  await show({ stage, race, client: ours.client, view });

  const written = await page.write(picture);
  const [ourScore, plainScore] = race.scores;
  print(`\n${reportOf(finalOf(ours, ourScore, stage), finalOf(plain, plainScore, stage))}`);
  if (!live) print(`\n${NOTE}`);
  print(`\nThe picture of this run, as one page: ${written}`);
  await page.end(dashboard, print);
  return lost(ourScore).length === 0 ? 0 : 1;
}

function finalOf({ name, sent }: Contestant, score: Score, { arrived }: Stage): FinalScore {
  return { score, sent: sent(), arrived: arrived?.(name) };
}

// Set, not exited with: what is still in the pipe must get out. The process ends by itself, because nothing is left open.
process.exitCode = await main();
