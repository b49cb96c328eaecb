import { type Answer, json } from '../answers/answer.js';
import { randomOf } from '../answers/random.js';
import { drawText } from '../answers/text.js';
import type { Resource } from './call.js';
import { invalid } from './complaints.js';
import { checkModel } from './models.js';
import { integerOf } from './numbers.js';
import { required } from './params.js';

/** A PNG of one transparent pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** The head of an MP3 frame (MPEG-1 layer III, 128 kbit/s, 44.1 kHz) and some silence: enough to be told apart from text. */
const SOUND = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(28)]);

/** Paints one pixel as often as asked: POST /images/generations. */
export const generateImages: Resource = ({ params, model }, world) => {
  if (model !== undefined) checkModel(model, world);
  required(params, 'prompt');
  const count = integerOf(params, 'n', [1, 10]) ?? 1;
  return json({ created: world.seconds(), data: Array.from({ length: count }, () => ({ b64_json: PIXEL })) });
};

/** Says nothing, as a few bytes of sound: POST /audio/speech. */
export const speak: Resource = ({ params, model }, world): Answer => {
  checkModel(model, world);
  required(params, 'input');
  required(params, 'voice');
  return { form: 'bytes', contentType: 'audio/mpeg', bytes: SOUND };
};

/** Hears a text drawn from the sound's bytes: POST /audio/transcriptions, as JSON or, on request, as plain text. */
export const transcribe: Resource = ({ params, parts, model }, world): Answer => {
  checkModel(model, world);
  const file = parts.find(({ name, filename }) => name === 'file' && filename !== undefined);
  if (file === undefined) throw invalid('file', "Missing required parameter: 'file'.", 'missing_required_parameter');
  const text = drawText(randomOf(world.seed, model, file.bytes.toString('latin1')), world.answerTokens);
  return params.response_format === 'text' ? { form: 'json', status: 200, body: `${text}\n` } : json({ text });
};
