/** `path.key`, or `path["key"]` for a key that is not a plain name; always one line, whatever the key holds. */
export function join(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]{0,39}$/.test(key) ? `${path}.${key}` : `${path}[${quote(key)}]`;
}

/** The fault of a key that no option has, with the option that was probably meant. */
export function unknownKey(key: string, path: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  if (near !== undefined) return `${join(path, key)} is not an option; did you mean ${join(path, near)}?`;
  const choice = names.length === 0 ? 'there are none here' : `the options are ${names.join(', ')}`;
  return `${join(path, key)} is not an option; ${choice}`;
}

/** The known name within a third of the letters of the given one, upper and lower case being the same. */
export function nearestName(key: string, names: readonly string[]): string | undefined {
  if (key.length > 40) return undefined;
  let nearest: string | undefined;
  let best = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(key.toLowerCase(), name.toLowerCase());
    if (distance < best) [nearest, best] = [name, distance];
  }
  return nearest;
}

/** Insertions, deletions and replacements between two words (Levenshtein), computed with one row. */
function editDistance(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    let diagonal = i - 1;
    row[0] = i;
    for (let j = 1; j <= to.length; j++) {
      const above = row[j] ?? 0;
      const replaced = diagonal + (from[i - 1] === to[j - 1] ? 0 : 1);
      row[j] = Math.min(above + 1, (row[j - 1] ?? 0) + 1, replaced);
      diagonal = above;
    }
  }
  return row[to.length] ?? 0;
}

/** Keys and headers are secrets, wherever they stand in a path, and a text that looks like a key is one in the wrong place. */
const SECRET_PATH = /(?:api_?key|headers|token|secret|password)(?:$|[.[])/i;
const SECRET_TEXT = /\bsk-|bearer |basic |key=|\/\/[^/]*@/i;

/** A key that stands in the place of an address looks like none. */
const isSecretAt = (value: string, path: string): boolean =>
  SECRET_TEXT.test(value) || (/URL$/.test(path) && !/^\w+:\/\//.test(value));

/** A value as it may stand in an error message: on one line, short, and never a secret. */
export function show(value: unknown, path: string): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  const secret = SECRET_PATH.test(path);
  // That a secret is empty is no secret, and nearly always the whole of the fault.
  if (secret && value === '') return 'empty: is an environment variable not set?';
  if (typeof value === 'string') return secret || isSecretAt(value, path) ? 'a string that is not shown' : quote(value);
  if (typeof value === 'number') return secret ? 'a number' : String(value);
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    return Array.isArray(value) ? 'a list' : 'an object';
  } catch {
    return 'an object that cannot be read';
  }
}

/** At most 40 characters in double quotes; everything that could break the line is escaped. */
function quote(value: string): string {
  const cut = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
