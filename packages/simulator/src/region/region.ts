import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Random, randomOf } from '../answers/random.js';
import { checkFault } from '../faults/check.js';
import type { Fault } from '../faults/fault.js';
import { Switchboard } from '../faults/switchboard.js';
import { Limiter } from '../limits/limits.js';
import type { LogEntry } from '../log/log.js';
import type { RateLimits, RegionSettings } from '../options.js';
import { checkSettings } from '../options-check.js';
import type { World } from '../resources/world.js';
import { Exchange } from '../server/exchange.js';
import { Listener, type Place } from '../server/listener.js';
import { serve } from '../server/serve.js';

/** One model in one region, to be given faults of its own. */
export interface RegionModel {
  readonly name: string;
  /** Switches a fault on for this model alone; the answer switches it off. A TypeError names what is wrong with it. */
  fault(fault: Fault): () => void;
  /** Switches off the faults that are for this model alone. */
  heal(): void;
}

/** What a region is made of. */
export interface RegionParts extends Place {
  readonly name: string;
  readonly world: World;
  readonly settings: RegionSettings;
  readonly limits: RateLimits | undefined;
  /** Makes and logs the entry of a request that has just arrived. */
  enter(request: IncomingMessage, region: string): LogEntry;
  /** Told when a request has ended. */
  left(entry: LogEntry): void;
}

/** One region: a port of its own, its models, its faults. */
export class Region {
  readonly name: string;
  readonly #parts: RegionParts;
  readonly #faults: Switchboard;
  readonly #random: Random;
  readonly #limiter: Limiter | undefined;
  readonly #open = new Set<Exchange>();
  #settings: RegionSettings;
  #listener!: Listener;

  private constructor(parts: RegionParts) {
    const { name, world, limits } = parts;
    this.name = name;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#random = randomOf(world.seed, 'jitter', name);
    this.#faults = new Switchboard(randomOf(world.seed, 'faults', name));
    this.#limiter = limits && new Limiter(limits, performance.now());
  }

  /** Opens the region's port; rejects if it is taken. */
  static async open(parts: RegionParts): Promise<Region> {
    const region = new Region(parts);
    region.#listener = await Listener.open(parts, (request, response) => region.#serve(request, response));
    return region;
  }

  /** The models it serves. */
  get models(): readonly string[] {
    return this.#parts.world.models;
  }

  /** Its port; the same for as long as the simulator lives. */
  get port(): number {
    return this.#listener.port;
  }

  /** For `new OpenAI({ baseURL })`. */
  get baseURL(): string {
    return `${this.azureEndpoint}/v1`;
  }

  /** For `new AzureOpenAI({ endpoint })`. */
  get azureEndpoint(): string {
    return `http://${this.#parts.host}:${this.port}`;
  }

  /** What {@link set} changes, as it is now. */
  get settings(): RegionSettings {
    return { ...this.#settings };
  }

  /** How many connections to it are open. */
  get sockets(): number {
    return this.#listener.sockets;
  }

  /**
   * Switches a fault on, from the next request on; the answer switches it off again.
   * Several may be on; of those that match a request the last one decides. A TypeError names what is wrong with the fault.
   */
  fault(fault: Fault): () => void {
    checkFault(fault, this.name);
    const off = this.#faults.add({ ...fault });
    if (fault.kind !== 'refuse') return off;
    for (const exchange of this.#open) exchange.abandon('refuse');
    this.#listener.shut();
    return () => {
      off();
      this.#reopen();
    };
  }

  /** One of its models; throws a TypeError if the region does not serve it. */
  model(name: string): RegionModel {
    if (!this.models.includes(name)) {
      throw new TypeError(
        `Region ${this.name} has no model ${JSON.stringify(name)}; it serves ${this.models.join(', ')}.`,
      );
    }
    const own = (fault: Fault) => fault.models?.length === 1 && fault.models[0] === name;
    return {
      name,
      fault: (fault) => {
        checkFault(fault, `${this.name}/${name}`);
        if (fault.kind === 'refuse') {
          throw new TypeError(
            `A single model (${this.name}/${name}) cannot refuse connections: its region's port is shared. Use 'reset', or 'refuse' for the region.`,
          );
        }
        return this.#faults.add({ ...fault, models: [name] });
      },
      heal: () => this.#faults.clear(own),
    };
  }

  /** Switches off all faults, those of single models included. Requests that are being kept waiting stay so. */
  heal(): void {
    this.#faults.clear();
    this.#reopen();
  }

  /** Changes what is given and leaves the rest as it is. A TypeError names what is wrong. */
  set(settings: RegionSettings): void {
    checkSettings(settings, this.name);
    this.#settings = { ...this.#settings, ...settings };
  }

  /** Resolves when the port is open again after it refused; rejects if another process took it. */
  ready(): Promise<void> {
    return this.#listener.ready();
  }

  /** Shuts the port for good and destroys every connection. */
  async close(): Promise<void> {
    for (const exchange of this.#open) exchange.abandon(undefined);
    await this.#listener.close();
  }

  /** Several may have asked for refusal; the port opens when the last of them is over. */
  #reopen(): void {
    if (!this.#faults.has('refuse')) this.#listener.reopen();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(request, response, this.#parts.enter(request, this.name));
    this.#open.add(exchange);
    response.once('close', () => {
      this.#open.delete(exchange);
      this.#parts.left(exchange.entry);
    });
    const site = {
      settings: this.#settings,
      world: this.#parts.world,
      faults: this.#faults,
      limiter: this.#limiter,
      random: this.#random,
      headers: () => this.#headers(),
    };
    // A fault of the simulator's own must be seen, not waited for: the connection ends and the process hears of it.
    serve(exchange, site).catch((error: unknown) => {
      request.socket.destroy();
      queueMicrotask(() => {
        throw error;
      });
    });
  }

  #headers(): Record<string, string> {
    return {
      'x-request-id': this.#parts.world.identify('req_'),
      'openai-version': '2020-10-01',
      'openai-organization': 'org-simulator',
      'x-simulator-region': this.name,
    };
  }
}
