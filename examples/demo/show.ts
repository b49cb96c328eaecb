import type { OpenAI } from 'breakwater';
import type { Race } from './run.ts';
import type { Stage } from './stage.ts';
import type { Progress, View } from './view.ts';

const FRAME_MS = 200;

/** A run and who shows it. */
export interface Showing {
  readonly stage: Stage;
  readonly race: Race;
  /** Breakwater's client: its events and its router are what there is to see. */
  readonly client: OpenAI;
  readonly view: View;
}

/** Makes the weather, and shows the run until its last answer. */
export async function show({ stage, race, client, view }: Showing): Promise<void> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const weather = new Set<string>();
  const progress = (): Progress => {
    const { targets } = client.router.status();
    return { elapsedMs: elapsed(), runMs: stage.runMs, scores: race.scores, weather: [...weather], targets };
  };

  const timers = stage.weather.flatMap(({ from, to, title, begin }) => {
    let undo = () => {};
    const start = () => {
      undo = begin();
      weather.add(title);
      view.announce(title, elapsed());
    };
    const stop = () => {
      undo();
      weather.delete(title);
      view.announce(`over: ${title}`, elapsed());
    };
    return [setTimeout(start, from * stage.runMs), setTimeout(stop, to * stage.runMs)];
  });
  const stopListening = client.on('failover', (event) => view.failover(event, elapsed()));
  const frames = setInterval(() => view.progress(progress()), FRAME_MS);
  try {
    await race.done;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    clearInterval(frames);
    stopListening();
    view.end(progress());
  }
}
