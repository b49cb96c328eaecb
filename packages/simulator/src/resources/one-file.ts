import { json } from '../answers/answer.js';
import { Rejection } from '../answers/rejection.js';
import { decode } from '../requests/decode.js';
import type { Call, Resource } from './call.js';
import type { StoredFile, World } from './world.js';

/** Tells about a file: GET /files/{id}. */
export const retrieveFile: Resource = (call, world) => json(find(call, world).shown);

/** Gives a file back as it was sent: GET /files/{id}/content. */
export const readFile: Resource = (call, world) => {
  const { bytes } = find(call, world);
  return { form: 'bytes', contentType: 'application/octet-stream', bytes };
};

/** Forgets a file: DELETE /files/{id}. */
export const deleteFile: Resource = (call, world) => {
  const { id } = find(call, world).shown;
  world.files.delete(id);
  return json({ id, object: 'file', deleted: true });
};

function find({ path }: Call, { files }: World): StoredFile {
  const id = decode(path.split('/')[2] ?? '');
  const file = files.get(id);
  if (file === undefined) throw new Rejection(404, { message: `No such File object: ${id}`, param: 'id' });
  return file;
}
