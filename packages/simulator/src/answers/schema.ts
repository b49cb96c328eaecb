import { drawInteger, type Random } from './random.js';
import { drawText } from './text.js';

type Schema = Readonly<Record<string, unknown>>;

/** Deep enough for any sane schema; a recursive one is ended here by the shortest value it allows. */
const DEEPEST = 6;

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2025-06-01T12:00:00Z',
  date: '2025-06-01',
  time: '12:00:00',
  duration: 'PT1H',
  email: 'keeper@harbour.example',
  uri: 'https://harbour.example/',
  uuid: '0b9c6d1e-4f3a-4c2b-9d8e-7a6b5c4d3e2f',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'harbour.example',
};

/**
 * Draws a value that satisfies a JSON schema, required properties only.
 * Follows `$ref` within the schema, `anyOf`/`oneOf`/`allOf`, `enum`, `const`, bounds and formats; it ignores `pattern`, `not` and `if`.
 */
export function drawInstance(schema: unknown, random: Random): unknown {
  const root = asSchema(schema);
  return draw(root, { root, random, depth: 0 });
}

interface Drawing {
  readonly root: Schema;
  readonly random: Random;
  readonly depth: number;
}

function draw(schema: Schema, drawing: Drawing): unknown {
  const deeper = { ...drawing, depth: drawing.depth + 1 };
  if (typeof schema.$ref === 'string') return draw(follow(schema.$ref, drawing.root), deeper);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return oneOf(schema.enum, drawing);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return draw(asSchema(oneOf(alternatives, drawing, isNullSchema)), deeper);
  if (Array.isArray(schema.allOf)) return draw(merge(schema, schema.allOf), deeper);
  switch (typeOf(schema, drawing)) {
    case 'object':
      return drawObject(schema, deeper);
    case 'array':
      return drawArray(schema, deeper);
    case 'integer':
    case 'number':
      return drawNumber(schema, drawing.random);
    case 'boolean':
      return drawing.random() < 0.5;
    case 'null':
      return null;
    default:
      return drawString(schema, drawing.random);
  }
}

/** Past the depth limit the shortest way out is taken: the alternative that ends, if there is one. */
function oneOf(
  choices: readonly unknown[],
  drawing: Drawing,
  ends: (choice: unknown) => boolean = () => false,
): unknown {
  const way = drawing.depth > DEEPEST ? choices.find(ends) : undefined;
  return way ?? choices[drawInteger(drawing.random, 0, choices.length - 1)];
}

function drawObject(schema: Schema, drawing: Drawing): Record<string, unknown> {
  const properties = asSchema(schema.properties);
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return Object.fromEntries(required.map((name) => [name, draw(asSchema(properties[name]), drawing)]));
}

function drawArray(schema: Schema, drawing: Drawing): unknown[] {
  const fewest = numberAt(schema, 'minItems') ?? 0;
  const most = numberAt(schema, 'maxItems') ?? Math.max(fewest, 2);
  const tooDeep = drawing.depth > DEEPEST;
  const length = tooDeep
    ? fewest
    : drawInteger(drawing.random, Math.max(fewest, Math.min(1, most)), Math.min(most, fewest + 2));
  const tuple: unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  const count = Math.max(length, tuple.length);
  return Array.from({ length: count }, (_, index) => draw(asSchema(tuple[index] ?? schema.items), drawing));
}

function drawNumber(schema: Schema, random: Random): number {
  const step = numberAt(schema, 'multipleOf') ?? (schema.type === 'number' ? 0.5 : 1);
  const above = numberAt(schema, 'exclusiveMinimum');
  const below = numberAt(schema, 'exclusiveMaximum');
  const least =
    above !== undefined ? Math.floor(above / step) + 1 : Math.ceil((numberAt(schema, 'minimum') ?? 0) / step);
  const top =
    below !== undefined ? Math.ceil(below / step) - 1 : Math.floor((numberAt(schema, 'maximum') ?? Infinity) / step);
  // Schemas made from types often bound integers by ±2^53; small numbers inside those bounds read better.
  const low = least < 0 && top >= 0 ? 0 : least;
  const high = Math.min(top, low + 100);
  if (high >= low) return drawInteger(random, low, high) * step;
  // No multiple of the default step lies between two close bounds; the middle of them does.
  const from = above ?? numberAt(schema, 'minimum') ?? 0;
  return (from + (below ?? numberAt(schema, 'maximum') ?? from)) / 2;
}

function drawString(schema: Schema, random: Random): string {
  const known = FORMATS[String(schema.format)];
  if (known !== undefined) return known;
  const fewest = numberAt(schema, 'minLength') ?? 0;
  const text = drawText(random, [1, 3]).replace(/\.$/, '').padEnd(fewest, '~');
  return text.slice(0, numberAt(schema, 'maxLength') ?? text.length);
}

function typeOf(schema: Schema, drawing: Drawing): unknown {
  const type = schema.type;
  if (Array.isArray(type))
    return oneOf(drawing.depth > DEEPEST ? type : type.filter((name) => name !== 'null'), drawing, isNull);
  if (type !== undefined) return type;
  if (schema.properties !== undefined) return 'object';
  return schema.items !== undefined ? 'array' : 'string';
}

function follow(reference: string, root: Schema): Schema {
  let place: unknown = root;
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    place = asSchema(place)[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return asSchema(place);
}

function merge(schema: Schema, parts: readonly unknown[]): Schema {
  const { allOf: _, ...rest } = schema;
  const all = [rest, ...parts.map(asSchema)];
  return {
    ...Object.assign({}, ...all),
    properties: Object.assign({}, ...all.map(({ properties }) => asSchema(properties))),
    required: all.flatMap(({ required }) => (Array.isArray(required) ? required : [])),
  };
}

const asSchema = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});
const isNull = (type: unknown): boolean => type === 'null';
const isNullSchema = (schema: unknown): boolean => isNull(asSchema(schema).type);

function numberAt(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}
