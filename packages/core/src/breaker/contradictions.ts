/** What is looked at in a whole set of options, checked one by one before. */
interface Whole {
  readonly mode?: string | undefined;
  readonly failureStreak?: number | false | undefined;
  readonly failureRate?: number | false | undefined;
  readonly slowMs?: number | undefined;
  readonly tripper?: object | undefined;
  readonly openMs?: number | undefined;
  readonly maxOpenMs?: number | undefined;
}

/** Modes in which the rules have no say, so that it may have none. */
const WITHOUT_RULES: readonly (string | undefined)[] = ['disabled', 'forced-open'];

/** Whether no rule is left to open it, though it is the rules that decide: it would count and look at work, and never be. */
export const opensNever = ({ mode, failureStreak, failureRate, slowMs, tripper }: Whole): boolean =>
  failureStreak === false &&
  failureRate === false &&
  slowMs === undefined &&
  tripper === undefined &&
  !WITHOUT_RULES.includes(mode);

/** What only shows when a set is looked at as a whole, as faults: options that are right alone and make no sense together. */
export function contradictionsIn(whole: Whole, path: string, usualOpenMs: number): readonly string[] {
  const found: string[] = [];
  const { openMs = usualOpenMs, maxOpenMs } = whole;
  // A limit below the first wait would silently shorten it.
  if (maxOpenMs !== undefined && maxOpenMs < openMs) {
    found.push(`${path}.maxOpenMs must be at least openMs (${openMs}), but is ${maxOpenMs}`);
  }
  if (opensNever(whole)) {
    found.push(
      `${path} has failureStreak: false and failureRate: false, so nothing would ever open it; name slowMs or a tripper, or switch it off with false or mode: "disabled"`,
    );
  }
  return found;
}
