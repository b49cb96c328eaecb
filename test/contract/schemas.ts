import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { makeParseableResponseFormat, makeParseableTextFormat, makeParseableTool } from 'openai/lib/parser';
import { VERSION } from 'openai/version';
import { z } from 'zod';

/** The zod helpers of openai 5 know zod 3 alone, and only if nothing newer is installed; what they are made of takes any schema. */
const IS_FIFTH = VERSION.startsWith('5');

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type) as Record<string, unknown>;
const reader =
  <Output>(type: z.ZodType<Output>) =>
  (text: string) =>
    type.parse(JSON.parse(text));

/** What `zodResponseFormat` gives, for every major. */
export const responseFormat: typeof zodResponseFormat = (type, name, more) =>
  IS_FIFTH
    ? makeParseableResponseFormat(
        { type: 'json_schema', json_schema: { ...more, name, strict: true, schema: schemaOf(type as z.ZodType) } },
        reader(type as z.ZodType) as never,
      )
    : zodResponseFormat(type, name, more);

/** What `zodTextFormat` gives, for every major. */
export const textFormat: typeof zodTextFormat = (type, name, more) =>
  IS_FIFTH
    ? makeParseableTextFormat(
        { ...more, type: 'json_schema', name, strict: true, schema: schemaOf(type as z.ZodType) },
        reader(type as z.ZodType) as never,
      )
    : zodTextFormat(type, name, more);

/** What `zodFunction` gives, for every major; the function itself is left out. */
export function functionTool(name: string, parameters: z.ZodObject) {
  if (!IS_FIFTH) return zodFunction({ name, parameters });
  return makeParseableTool(
    { type: 'function', function: { name, parameters: schemaOf(parameters), strict: true } },
    { parser: reader(parameters), callback: undefined },
  );
}
