import type { Failure } from '../outcome/outcome.js';
import type { TargetKey } from '../targets/keys.js';
import type { Target } from '../targets/target.js';
import { Tried } from './tried.js';

/** What is remembered of a target that gave no permit: it is not come back to. */
const CLOSED: Failure<never> = Object.freeze({ kind: 'no_target', message: 'closed by now', repeatable: false });

/** What one call has found out so far. The collections are made with the first failure: most calls have none, and thousands may be under way. */
export class Findings {
  #tried: Map<Target, Tried> | undefined;
  #deadCredentials: Set<string> | undefined;
  #unfitModels: Set<string> | undefined;
  #spentKeys: Set<TargetKey> | undefined;

  /** A target failed, just now. */
  failed(target: Target, failure: Failure<unknown>, now: number): void {
    this.#tried ??= new Map();
    this.#tried.set(target, new Tried(failure, now, this.#tried.get(target)));
  }

  /** A target gave no permit. */
  closed(target: Target): void {
    this.failed(target, CLOSED, 0);
  }

  /** What is remembered of a target that failed. */
  triedOf(target: Target): Tried | undefined {
    return this.#tried?.get(target);
  }

  /** A credential was refused. */
  bury(credential: string): void {
    this.#deadCredentials ??= new Set();
    this.#deadCredentials.add(credential);
  }

  /** Whether any credential was refused. */
  get haveBuried(): boolean {
    return this.#deadCredentials !== undefined;
  }

  /** Whether this one was. */
  isBuried(credential: string): boolean {
    return this.#deadCredentials?.has(credential) === true;
  }

  /** A target refused one of its keys, for now or for good. */
  spend(key: TargetKey): void {
    this.#spentKeys ??= new Set();
    this.#spentKeys.add(key);
  }

  /** Whether a key may be used at its target for the first time in this call. */
  isFresh(key: TargetKey): boolean {
    return !this.#spentKeys?.has(key) && !(this.haveBuried && this.isBuried(key.name));
  }

  /** A model turned out not to be up to the call; answers with all of which that is known. */
  unfit(model: string): ReadonlySet<string> {
    this.#unfitModels ??= new Set();
    return this.#unfitModels.add(model);
  }
}
