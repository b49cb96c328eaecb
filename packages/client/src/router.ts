import type {
  Engine,
  Explanation,
  HealthReading,
  KeyReading,
  Report,
  RouterMemory,
  Stats,
  Status,
  TargetControl,
} from '@breakwater/core';
import { type Lookout, lookOut } from './alerts/lookout.js';
import { type EndpointView, viewOf } from './endpoint-view.js';
import { callToExplain, type ExplainOptions, type ExplainParams } from './explain-request.js';
import type { Harbour } from './harbour.js';
import { learnFromConnections } from './health/connections.js';

/** A look inside a client's router: `client.router`. */
export class Router {
  readonly #engine: Engine;
  readonly #harbour: Harbour;
  readonly #ignoreConnections: () => void;
  readonly #lookout: Lookout;

  constructor(harbour: Harbour) {
    this.#engine = harbour.engine;
    this.#harbour = harbour;
    this.#ignoreConnections = learnFromConnections(harbour);
    this.#lookout = lookOut(harbour.engine, harbour.options.alerts);
  }

  /** Counts since the client was made, as plain JSON: requests, attempts, failovers, tokens and costs, by target and by tag. */
  stats(): Stats {
    return this.#engine.stats();
  }

  /** Every target that was asked for so far, as it is now: ready, probing, open, cooling, quarantined or down, and for how long. */
  status(): Status {
    return this.#engine.status();
  }

  /** The endpoints, in the order in which they were given, and where they are now. */
  endpoints(): readonly EndpointView[] {
    return [...this.#harbour.endpoints.values()].map(viewOf);
  }

  /**
   * How the client is, and was in the last hour, for people: a score from 0 to 100, what is wrong now, downtime by target, openings of
   * breakers, what happened lately. `String(report)` is a text for an incident channel; the object itself is plain JSON.
   */
  report(): Report {
    return this.#lookout.report();
  }

  /**
   * Whom a request would be sent to now, whom next if that failed, and why: for every target what it costs, what is known of it, and what
   * speaks against it. Sends nothing and changes nothing. `String(explanation)` is a table; the object itself is plain frozen JSON.
   * @throws OptionsError listing everything that is wrong with the options
   */
  explain(params: ExplainParams, options?: ExplainOptions): Explanation {
    return this.#engine.explain(callToExplain(this.#harbour, params, options));
  }

  /**
   * A target by its id, `seoul/gpt-4.1`: its state, and its breaker to open, close, disable or observe by hand.
   * @throws RangeError for an id that no endpoint serves
   */
  target(id: string): TargetControl {
    return this.#engine.target(id);
  }

  /** What the breakers remember, and what was spent of `budget`, as plain JSON: to be kept over a restart. */
  snapshot(): RouterMemory {
    return this.#engine.snapshot();
  }

  /**
   * Goes on where a snapshot was taken; answers with the ids in it that are unknown here.
   * @throws TypeError listing everything that is wrong with the snapshot
   */
  restore(memory: RouterMemory): readonly string[] {
    return this.#engine.restore(memory);
  }

  /**
   * Probes every endpoint now, and answers how each was found, in the order in which they were given. What is found counts like the
   * other probes, but for `health: false`. Never rejects, and takes as long as the slowest, two at a time.
   */
  checkHealth(): Promise<readonly HealthReading[]> {
    return this.#engine.checkup.check();
  }

  /**
   * Asks every endpoint for its list of models with each of its keys, and answers how each key was found, by its name: `key#2` is the second
   * that the options name. A refused one is left alone from now on; one that is good again is used again, where the endpoint has been seen
   * to refuse that list. What a key may do besides, and whether there is money behind it, no list tells. Never rejects, two at a time.
   */
  validateKeys(): Promise<readonly KeyReading[]> {
    return this.#engine.validateKeys(this.#harbour.keyProbe);
  }

  /** Probes every endpoint once, so that how far they are is known, and connections are open, before the first call. Never rejects. */
  async warmUp(): Promise<void> {
    await this.#engine.checkup.check();
  }

  /**
   * Ends health checks and alerts, learns nothing more from connections, and forgets every listener. Calls under way are not touched, and
   * calls can be made as before; a report tells what was known until then.
   */
  close(): void {
    this.#ignoreConnections();
    this.#lookout.close();
    this.#engine.checkup.close();
    this.#engine.hub.clear();
  }
}
