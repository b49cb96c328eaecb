import { durationText } from '../base/duration.js';
import type { RouterEvents } from '../events/events.js';
import { hindranceOf } from '../flow/status.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Hindrance, Target } from '../targets/target.js';
import type { Moment } from './moment.js';
import type { AllDownRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';
import type { UnmadeRequests } from './unmade.js';
import { nameText } from './words.js';

const RULE = 'allDown';
/** Who asks to be left alone for so long, in milliseconds, is as good as down; a shorter rest is nothing to wake anybody for. */
const LONG_REST_MS = 60_000;
/** What is wrong with a target, in a sentence. */
const STANDS: Readonly<Record<Hindrance['reason'], string>> = {
  breaker: 'open',
  cooldown: 'resting',
  quarantine: 'in quarantine',
  health: 'down',
  limit: 'full',
};

interface AllDownParts extends RuleParts {
  readonly registry: TargetRegistry;
  readonly unmade: Pick<UnmadeRequests, 'at'>;
}

/** What keeps a target from being asked, or why nothing can be sent to it. */
type Obstacle = Hindrance | { readonly reason: 'unmade'; readonly because: string };

/** One model that nobody can be asked for. */
interface Down {
  /** Since when one of its targets has been well again; undefined while none is. */
  wellSince: number | undefined;
}

/** A model none of whose targets may be asked. */
export class AllDown implements Rule {
  readonly #options: Settled<AllDownRule>;
  readonly #incidents: RuleParts['incidents'];
  readonly #registry: TargetRegistry;
  readonly #unmade: AllDownParts['unmade'];
  readonly #down = new Map<string, Down>();

  constructor(options: Settled<AllDownRule>, { incidents, registry, unmade }: AllDownParts) {
    this.#options = options;
    this.#incidents = incidents;
    this.#registry = registry;
    this.#unmade = unmade;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name === 'breaker.opened' || name === 'breaker.mode-changed') this.#look(event, moment);
    else if (name === 'quarantine.started') this.#look({ ...event, isOfKey: event.scope === 'credential' }, moment);
    else if (name === 'cooldown.started' && event.forMs >= LONG_REST_MS) this.#look(event, moment);
    else if (name === 'attempt.failed' && event.kind === 'unsendable')
      this.#look({ endpoint: event.endpoint, model: '*' }, moment);
    else if (name === 'health.down') this.#look({ endpoint: event.endpoint, model: '*' }, moment);
  }

  settle(moment: Moment): void {
    for (const [model, down] of this.#down) {
      const well = this.#registry.look(model, moment.now).find((target) => this.#isWell(target, moment.now));
      if (!well) {
        down.wellSince = undefined;
        continue;
      }
      down.wellSince ??= moment.now;
      const wellMs = moment.now - down.wellSince;
      if (wellMs < this.#options.quietMs) continue;
      this.#down.delete(model);
      const text = `${nameText(model)} can be asked for again: ${nameText(well.id)} has been well for ${durationText(wellMs)}.`;
      this.#incidents.resolve({ rule: RULE, subject: model, text }, moment);
    }
  }

  /** Looks at the models that what happened may concern. */
  #look({ endpoint, model, isOfKey = false }: Concern, moment: Moment): void {
    const isOfOne = model !== '*' && !isOfKey && this.#registry.scope === 'target';
    if (isOfOne) {
      this.#examine(model, this.#registry.look(model, moment.now), moment);
      return;
    }
    const byModel = new Map<string, Target[]>();
    for (const target of this.#registry.all())
      byModel.set(target.model, [...(byModel.get(target.model) ?? []), target]);
    for (const [name, targets] of byModel)
      if (isOfKey || targets.some((target) => target.endpoint.id === endpoint || target.model === model))
        this.#examine(name, targets, moment);
  }

  #examine(model: string, targets: readonly Target[], moment: Moment): void {
    if (this.#down.has(model) || targets.length === 0) return;
    const hindrances: Obstacle[] = [];
    for (const target of targets) {
      const hindrance = this.#hindrance(target, moment.now);
      if (!hindrance) return;
      hindrances.push(hindrance);
    }
    // A model that nobody knows was never there, as far as one can tell.
    if (hindrances.every(({ because }) => because === 'not_found')) return;
    const stands = targets.map(({ id }, index) => `${nameText(id)} is ${standText(hindrances[index])}`);
    const told = stands.length > 6 ? [...stands.slice(0, 5), `${stands.length - 5} more are no better`] : stands;
    const text = `Nobody can be asked for ${nameText(model)}: ${told.join(', ')}.`;
    const { severity } = this.#options;
    if (this.#incidents.fire({ rule: RULE, subject: model, severity, text, about: { model } }, moment))
      this.#down.set(model, { wellSince: undefined });
  }

  #hindrance(target: Target, now: number): Obstacle | undefined {
    const hindrance = hindranceOf(this.#registry, target, now);
    const isLong = hindrance?.reason !== 'cooldown' || hindrance.leftMs >= LONG_REST_MS;
    if (hindrance && hindrance.reason !== 'limit' && isLong) return hindrance;
    const because = this.#unmade.at(target);
    return because === undefined ? undefined : { reason: 'unmade', because };
  }

  /** A breaker that waits for its probe has not been proved well. */
  #isWell(target: Target, now: number): boolean {
    return target.isWell(now) && !this.#hindrance(target, now);
  }
}

interface Concern extends Pick<RouterEvents['breaker.opened'], 'endpoint' | 'model'> {
  /** Whether it is of a key, which several endpoints may use. */
  readonly isOfKey?: boolean;
}

const standText = (hindrance: Obstacle | undefined): string => {
  if (!hindrance) return 'well';
  if (hindrance.reason === 'unmade') return `of no use (${hindrance.because})`;
  const { reason, because, leftMs } = hindrance;
  const left = leftMs < Number.MAX_SAFE_INTEGER ? ` for ${durationText(leftMs)}` : ' until somebody closes it';
  return `${STANDS[reason]}${because === undefined ? '' : ` (${because})`}${left}`;
};
