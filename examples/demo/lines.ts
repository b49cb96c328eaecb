import { answered, lost } from './score.ts';
import { failoverLine, type Progress, seconds, type View } from './view.ts';

const PROGRESS_EVERY_MS = 4_000;

/** A view of plain lines, for logs, pipes and CI: nothing is ever overwritten. */
export function lineView(write: (line: string) => void): View {
  let nextAtMs = PROGRESS_EVERY_MS;
  const progressLine = ({ elapsedMs, scores }: Progress) => {
    const counts = scores.map(
      (score) => `${score.name} ${answered(score)} of ${score.asked} answered, ${lost(score).length} lost`,
    );
    write(`${seconds(elapsedMs)}  progress  ${counts.join('   ')}`);
  };
  return {
    failover: (event, elapsedMs) => write(`${seconds(elapsedMs)}  failover  ${failoverLine(event)}`),
    announce: (text, elapsedMs) => write(`${seconds(elapsedMs)}  weather   ${text}`),
    progress: (progress) => {
      if (progress.elapsedMs < nextAtMs) return;
      nextAtMs += PROGRESS_EVERY_MS;
      progressLine(progress);
    },
    end: progressLine,
  };
}
