import type { Engine } from '../flow/engine.js';
import type { TargetStatus } from '../flow/status.js';
import type { OpenIncident } from './incidents.js';
import type { JournalEntry } from './journal.js';
import type { Moment } from './moment.js';
import type { OpeningLog } from './opening-log.js';
import type { Report, ReportCounts, ReportedTarget } from './report.js';
import { textOfReport } from './report-text.js';
import type { Uptime } from './uptime.js';
import { wrongNow } from './wrong-now.js';

/** What a report is made from. */
export interface ReportSources {
  readonly engine: Engine;
  readonly windowMs: number;
  readonly moment: Moment;
  uptimeOf(target: string): Uptime;
  readonly openings: Pick<OpeningLog, 'of' | 'count' | 'latest'>;
  readonly incidents: { all(): readonly OpenIncident[]; readonly count: number };
  readonly recent: readonly JournalEntry[];
  /** Requests that could not be made, a sentence each. */
  readonly unmade: readonly string[];
}

/** Looks at everything there is; changes nothing. */
export function reportOf(sources: ReportSources): Report {
  const { engine, windowMs, moment, incidents, openings, recent } = sources;
  const targets = engine.status().targets.map((status) => reported(status, sources));
  const alerts = incidents.all();
  const facts = {
    at: moment.at,
    windowMs: Math.round(windowMs),
    score: targets.length === 0 ? 100 : toldScore(targets.reduce((sum, one) => sum + one.score, 0) / targets.length),
    wrong: wrongNow({ alerts, targets, unmade: sources.unmade }, moment),
    alerts,
    targets,
    openings: openings.latest(),
    recent,
    counts: countsOf(sources),
  };
  // The text is made when somebody asks for it, and is not among what is seen of it as data.
  const report = Object.defineProperty(facts, 'toString', { value: () => textOfReport(report) }) as Report;
  return Object.freeze(report);
}

function reported(status: TargetStatus, { moment, windowMs, uptimeOf, openings }: ReportSources): ReportedTarget {
  const { target, endpoint, region, model, state, readyInMs } = status;
  const { downMs, good } = uptimeOf(target);
  return {
    target,
    endpoint,
    region,
    model,
    state,
    readyInMs,
    reason: state === 'open' ? (status.breaker.reason ?? status.transport.reason) : undefined,
    score: toldScore(100 * good),
    downMs: Math.round(downMs),
    openings: openings.of(target, moment.at - windowMs),
  };
}

function countsOf({ engine, openings, incidents }: ReportSources): ReportCounts {
  const { requests, attempts, retries, failovers, rescues, lastResorts } = engine.stats();
  const { started, succeeded, failed } = requests;
  return {
    requests: { started, succeeded, failed },
    attempts,
    retries,
    failovers,
    rescues,
    lastResorts,
    openings: openings.count,
    alerts: incidents.count,
  };
}

/** What is not all is never told as all. */
const toldScore = (score: number): number => Math.floor(Number((10 * score).toFixed(6))) / 10;
