import { json } from '../answers/answer.js';
import { Rejection } from '../answers/rejection.js';
import { decode } from '../requests/decode.js';
import type { Resource } from './call.js';
import type { World } from './world.js';

/** Lists the region's models: GET /models. */
export const listModels: Resource = (_, world) => json({ object: 'list', data: world.models.map(describe) });

/** Tells about one model: GET /models/{id}. */
export const retrieveModel: Resource = ({ path }, world) => {
  const id = decode(path.slice('/models/'.length));
  checkModel(id, world);
  return json(describe(id));
};

/** Throws the API's 404 if the region does not serve the model. */
export function checkModel(model: unknown, { models }: Pick<World, 'models'>): asserts model is string {
  if (model === undefined || model === null || model === '') {
    throw new Rejection(400, { message: 'you must provide a model parameter', param: null });
  }
  if (typeof model !== 'string' || !models.includes(model)) {
    throw new Rejection(404, {
      message: `The model \`${String(model)}\` does not exist or you do not have access to it.`,
      code: 'model_not_found',
    });
  }
}

const describe = (id: string) => ({ id, object: 'model', created: 1_735_689_600, owned_by: 'simulator' });
