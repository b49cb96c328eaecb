/** The defaults with every given value put over its own; an option that is `undefined` was not given. */
export function merge<T extends object>(defaults: T, given: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const merged = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    const value = given[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Which of the known names the user has given a value, read guardedly because it may be anything yet. */
export function namesIn(value: unknown, known: object): string[] {
  return Object.keys(known).filter((name) => {
    try {
      return (value as Record<string, unknown>)[name] !== undefined;
    } catch {
      return true;
    }
  });
}
