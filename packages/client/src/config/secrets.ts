const SECRET_NAME = /key|token|secret|password|authorization|credential/i;
/** Shorter ones are words: `any` and the like would be hidden everywhere. */
const SHORTEST = 6;
/** What the environment has under names like `MAX_TOKENS` and `KEY_MODE`, and what stands in many texts. */
const NUMBER_OR_WORD = /^(?:\d+|[a-z]+)$/;
const DEEPEST = 8;

/**
 * Hides the keys of a configuration, and what the environment has under such names, wherever they stand in a text. Nothing is printed
 * that is known to hold one; this is for what is not known: the message of somebody's own error, a key in the place of a name.
 */
export function hiderOf(config: unknown, env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = new Set<string>();
  collect(config, { secrets, isSecret: false, depth: 0 });
  for (const [name, value = ''] of Object.entries(env))
    if (SECRET_NAME.test(name) && !NUMBER_OR_WORD.test(value)) add(secrets, value);
  // The longest first, so that no end of one is left behind by another.
  const ordered = [...secrets].sort((one, other) => other.length - one.length);
  return (text) => ordered.reduce((hidden, secret) => hidden.replaceAll(secret, '[hidden]'), text);
}

/** The same data with every text in it hidden; names and numbers are left, so that whoever reads it by program still can. */
export function hiddenIn<Data>(data: Data, hide: (text: string) => string): Data {
  const mapped = (value: unknown): unknown => {
    if (typeof value === 'string') return hide(value);
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner)]));
  };
  return mapped(data) as Data;
}

interface Walk {
  readonly secrets: Set<string>;
  readonly isSecret: boolean;
  readonly depth: number;
}

function collect(value: unknown, { secrets, isSecret, depth }: Walk): void {
  if (typeof value === 'string' && isSecret) add(secrets, value);
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  for (const name of Object.keys(value)) {
    const isInside = isSecret || SECRET_NAME.test(name) || /headers|query/i.test(name);
    collect(readFrom(value, name), { secrets, isSecret: isInside, depth: depth + 1 });
  }
}

/** What cannot be read holds nothing that could be printed. */
function readFrom(value: object, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function add(secrets: Set<string>, value: string): void {
  const secret = value.replace(/^(?:Bearer|Basic) /i, '').trim();
  if (secret.length >= SHORTEST) secrets.add(secret);
}
