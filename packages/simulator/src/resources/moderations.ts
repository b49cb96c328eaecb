import { json } from '../answers/answer.js';
import type { Resource } from './call.js';
import { wrongType } from './complaints.js';
import { textIn } from './messages.js';
import { checkModel } from './models.js';
import { required } from './params.js';

const CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/instructions',
  'self-harm/intent',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

/** Judges texts: POST /moderations; a text that names a category, such as "violence", is flagged for it. */
export const createModeration: Resource = ({ params, model }, world) => {
  if (model !== undefined) checkModel(model, world);
  const results = readInputs(required(params, 'input')).map(judge);
  return json({ id: world.identify('modr-'), model: model ?? 'omni-moderation-latest', results });
};

function readInputs(input: unknown): string[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array', input);
  // Parts with a type are one input together; strings are one each.
  const parts = input.some((item) => typeof item === 'object');
  return parts ? [textIn(input)] : input.map(String);
}

function judge(text: string): object {
  const said = text.toLowerCase();
  const named = CATEGORIES.filter((category) => said.includes(category));
  const of = (value: (category: string) => unknown) =>
    Object.fromEntries(CATEGORIES.map((category) => [category, value(category)]));
  return {
    flagged: named.length > 0,
    categories: of((category) => named.includes(category)),
    category_scores: of((category) => (named.includes(category) ? 0.98 : 0.0001)),
    category_applied_input_types: of((category) => (named.includes(category) ? ['text'] : [])),
  };
}
