import { type Clock, quietly, type Timer } from '../base/clock.js';
import type { Random } from '../base/random.js';
import type { EventHub } from '../events/hub.js';
import type { HealthState, ProbeVerdict } from '../health/health.js';
import type { ResolvedHealthOptions } from '../health/options.js';
import { type Need, Schedule } from '../health/schedule.js';
import type { EndpointKey } from '../targets/keys.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Endpoint } from '../targets/target.js';
import { announceProbed } from './announce-probe.js';
import { learnFromProbe } from './learn-from-probe.js';
import { lookAt, type Probe, type ProbeResult } from './look-at.js';

/** An endpoint that cannot be probed is tried again after an hour: it may have learned it by then. */
const UNSUPPORTED_MS = 3_600_000;
/** Calls look so often, in an interval, whether a probe is due. */
const LOOKS_PER_INTERVAL = 10;

/** How one endpoint was found. */
export interface HealthReading {
  readonly endpoint: string;
  readonly region: string | undefined;
  /** What is believed of it by now, after this probe and those before. */
  readonly state: HealthState;
  /** What this probe found. */
  readonly verdict: ProbeVerdict;
  readonly status: number | undefined;
  /** Milliseconds until the first byte of the answer; absent where there was none, or a probe of the user's own was made. */
  readonly roundTripMs: number | undefined;
  /** Why, where it is not well; in words. */
  readonly message: string | undefined;
}

/** What a checkup is made from. */
export interface CheckupParts {
  readonly registry: TargetRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: EventHub;
  readonly options: ResolvedHealthOptions;
  readonly probe: Probe;
}

interface UnderWay {
  readonly controller: AbortController;
  readonly reading: Promise<HealthReading>;
}

/**
 * Looks after the endpoints besides the calls. Nothing is started before the first call. `on-demand` owns no timer but that of a probe
 * under way: it is calls that find out what is due. `active` has one, which keeps no process alive.
 */
export class Checkup {
  readonly #parts: CheckupParts;
  readonly #clock: Clock;
  readonly #schedules: ReadonlyMap<string, Schedule>;
  readonly #underWay = new Map<string, UnderWay>();
  #lookAt: number;
  #beganAt: number | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(parts: CheckupParts) {
    const { options, registry } = parts;
    this.#parts = parts;
    this.#clock = quietly(parts.clock);
    this.#schedules = new Map(registry.endpoints.map(({ id }) => [id, new Schedule(options)]));
    const isByItself = options.mode === 'on-demand' || options.mode === 'active';
    this.#lookAt = isByItself ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** How endpoints are looked at. */
  get options(): ResolvedHealthOptions {
    return this.#parts.options;
  }

  /** A call begins. Costs it a comparison; a probe that is due is made beside it. */
  called(now: number): void {
    if (now >= this.#lookAt) this.#wake(now);
  }

  /** Looks at every endpoint now, whatever is due, and answers in their order. Never rejects. */
  check(): Promise<readonly HealthReading[]> {
    if (!this.#isClosed && this.#parts.options.mode === 'active') this.#wake(this.#clock.now());
    return Promise.all(this.#parts.registry.endpoints.map((endpoint) => this.#inTurn(endpoint)));
  }

  /** Ends the timer and every probe under way; from now on probes are made by hand alone. */
  close(): void {
    this.#isClosed = true;
    this.#lookAt = Number.POSITIVE_INFINITY;
    this.#disarm();
    for (const { controller } of this.#underWay.values()) controller.abort();
  }

  #wake(now: number): void {
    const { mode, intervalMs } = this.#parts.options;
    this.#beganAt ??= now;
    this.#lookAt = mode === 'active' ? Number.POSITIVE_INFINITY : now + intervalMs / LOOKS_PER_INTERVAL;
    // The call comes first: what it does at once has been done by then.
    void Promise.resolve().then(() => this.#look());
  }

  /** Starts what is due, as far as there is room. */
  #look(): void {
    if (this.#isClosed) return;
    const { registry, options } = this.#parts;
    const now = this.#clock.now();
    const troubles = options.mode === 'active' ? NO_TROUBLES : this.#troubles(now);
    let nextMs = options.intervalMs;
    for (const endpoint of registry.endpoints) {
      if (this.#underWay.size >= options.concurrency) break;
      if (this.#underWay.has(endpoint.id)) continue;
      const dueInMs = this.#scheduleOf(endpoint).dueInMs(this.#needOf(endpoint, troubles, now), now);
      if (dueInMs === 0) this.#start(endpoint, now);
      else nextMs = Math.min(nextMs, dueInMs);
    }
    // A probe that ends looks on, so no timer is needed while there is no room.
    if (options.mode === 'active') this.#arm(nextMs);
  }

  #needOf(endpoint: Endpoint, troubles: Troubles, now: number): Need {
    const { registry, options } = this.#parts;
    // To ask with a dead key again and again helps nobody.
    const name = keyToLookWith(registry, endpoint, now)?.name() ?? endpoint.credential();
    if ((registry.knownCredential(name)?.leftMs(now) ?? 0) > 0) return 'none';
    if (options.mode === 'active') return 'now';
    const trouble = troubles.get(endpoint.id);
    // A rest is kept to. Who says when to come back is well, and need not be asked before.
    if (trouble === 'rests') return 'none';
    const health = registry.healthOf(endpoint.id);
    const unusedMs = Math.min(health.idleMs(now), now - (this.#beganAt ?? now));
    if (health.state === 'down' || unusedMs >= options.idleMs) return 'now';
    return trouble ? 'soon' : 'none';
  }

  /** What the targets met so far say of their endpoints. */
  #troubles(now: number): Troubles {
    const troubles = new Map<string, 'rests' | 'is open'>();
    for (const { endpoint, breaker, transport, cooldown } of this.#parts.registry.all()) {
      if (cooldown.leftMs(now) > 0) troubles.set(endpoint.id, 'rests');
      else if (troubles.has(endpoint.id)) continue;
      else if (breaker.peek(now) !== 'ok' || transport.peek(now) !== 'ok') troubles.set(endpoint.id, 'is open');
    }
    return troubles;
  }

  /** A probe by hand: the one under way, or a new one as soon as there is room. */
  async #inTurn(endpoint: Endpoint): Promise<HealthReading> {
    for (;;) {
      const known = this.#underWay.get(endpoint.id);
      if (known) return known.reading;
      if (this.#underWay.size < this.#parts.options.concurrency) return this.#start(endpoint, this.#clock.now());
      await Promise.race([...this.#underWay.values()].map(({ reading }) => reading));
    }
  }

  #start(endpoint: Endpoint, now: number): Promise<HealthReading> {
    this.#scheduleOf(endpoint).begin(now, this.#parts.random);
    const controller = new AbortController();
    const reading = this.#examine(endpoint, now, controller);
    this.#underWay.set(endpoint.id, { controller, reading });
    return reading;
  }

  async #examine(endpoint: Endpoint, startedAt: number, controller: AbortController): Promise<HealthReading> {
    const { registry, clock, options, probe } = this.#parts;
    const key = keyToLookWith(registry, endpoint, startedAt);
    const credential = key?.name() ?? endpoint.credential();
    const result = await lookAt(endpoint, { probe, key, clock, timeoutMs: options.timeoutMs, controller });
    const now = clock.now();
    this.#underWay.delete(endpoint.id);
    if (result.verdict === 'unsupported') this.#scheduleOf(endpoint).pause(UNSUPPORTED_MS, now);
    const lesson = { endpoint, result, credential, startedAt, now, intervalMs: options.intervalMs };
    const changes = options.mode === 'off' ? [] : learnFromProbe(registry, lesson);
    this.#announce(endpoint, result, now - startedAt);
    for (const change of changes) announceProbed(this.#parts, endpoint, change);
    if (options.mode === 'active') this.#look();
    const { verdict, status, roundTripMs, message } = result;
    const { state } = registry.healthOf(endpoint.id);
    return { endpoint: endpoint.id, region: endpoint.region, state, verdict, status, roundTripMs, message };
  }

  #announce({ id, region }: Endpoint, { verdict, status, message, roundTripMs }: ProbeResult, ms: number): void {
    const { hub, clock } = this.#parts;
    const found = {
      verdict,
      status,
      message,
      roundTripMs: roundTripMs === undefined ? undefined : Math.ceil(roundTripMs),
    };
    hub.emit('health.probed', { at: clock.wall(), endpoint: id, region, ...found, durationMs: Math.ceil(ms) });
  }

  #arm(ms: number): void {
    this.#disarm();
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.max(1, ms));
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #scheduleOf({ id }: Endpoint): Schedule {
    return this.#schedules.get(id) as Schedule;
  }
}

/** Of several keys the first that was not refused; else the first. */
function keyToLookWith(registry: TargetRegistry, { keys }: Endpoint, now: number): EndpointKey | undefined {
  return keys?.find((key) => !((registry.knownCredential(key.name())?.leftMs(now) ?? 0) > 0)) ?? keys?.[0];
}

/** By endpoint: whether one of its targets rests, or is kept away from by a breaker. */
type Troubles = ReadonlyMap<string, 'rests' | 'is open'>;

const NO_TROUBLES: Troubles = new Map();
