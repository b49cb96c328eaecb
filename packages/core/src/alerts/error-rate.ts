import { durationText } from '../base/duration.js';
import type { FailureKind } from '../outcome/outcome.js';
import { FailureShare } from './failure-share.js';
import type { Moment } from './moment.js';
import type { ErrorRateRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';
import { shareText } from './words.js';

const RULE = 'errorRate';
/** What is up to the caller, or to the prompt, says nothing about how well calls are served. */
const CALLERS: ReadonlySet<FailureKind> = new Set([
  'caller_abort',
  'caller_error',
  'context_window',
  'content_policy',
  'conflict',
]);

/** Requests that fail. It needs those that do not as well, which are told of in every call, so it counts only while somebody hears alerts. */
export class ErrorRate implements Rule {
  readonly #options: Settled<ErrorRateRule>;
  readonly #incidents: RuleParts['incidents'];
  readonly #share: FailureShare;
  #areHeard = false;

  constructor(options: Settled<ErrorRateRule>, { incidents }: RuleParts) {
    this.#options = options;
    this.#incidents = incidents;
    this.#share = new FailureShare(options.windowMs);
  }

  /** A request was answered. A canned reply of `lastResort` is one that failed: whoever runs this should know. */
  succeeded(target: string, moment: Moment): void {
    if (target !== 'lastResort') this.#share.add(false, moment.now);
    else if (this.#areHeard) {
      this.#share.add(true, moment.now);
      this.#look(moment);
    }
  }

  /** A stream is over for good. It was answered with its first content; whoever waited for the rest of it waited in vain if it broke off. */
  ended(kind: FailureKind | 'ok', moment: Moment): void {
    if (kind === 'ok' || CALLERS.has(kind)) return;
    this.#share.spoil(moment.now);
    this.#look(moment);
  }

  /** Whether answers are told of: failures alone would make a rate of 100 %. */
  hearAnswers(areHeard: boolean): void {
    if (this.#areHeard !== areHeard) this.#share.clear();
    this.#areHeard = areHeard;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name !== 'request.failed' || CALLERS.has(event.kind) || !this.#areHeard) return;
    this.#share.add(true, moment.now);
    this.#look(moment);
  }

  settle(moment: Moment): void {
    if (!this.#incidents.isOpen(RULE, '')) return;
    const { share, windowMs } = this.#options;
    const { all, failed } = this.#share.read(moment.now);
    if (failed > 0 && failed / all >= share / 2) return;
    const text = `${failed} of the last ${all} requests failed within ${durationText(windowMs)}: that is ${shareText(all === 0 ? 0 : failed / all)}.`;
    this.#incidents.resolve({ rule: RULE, subject: '', text }, moment);
  }

  #look(moment: Moment): void {
    const { share, atLeast, windowMs, severity } = this.#options;
    const { all, failed } = this.#share.read(moment.now);
    if (all < atLeast || failed / all < share) return;
    const text = `${failed} of ${all} requests failed within ${durationText(windowMs)}: that is ${shareText(failed / all)}.`;
    this.#incidents.fire({ rule: RULE, subject: '', severity, text, windowMs }, moment);
  }
}
