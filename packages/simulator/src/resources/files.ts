import { json } from '../answers/answer.js';
import type { Resource } from './call.js';
import { invalid } from './complaints.js';
import { required } from './params.js';

/** Keeps an uploaded file: POST /files. */
export const uploadFile: Resource = ({ params, parts }, world) => {
  const file = parts.find(({ name, filename }) => name === 'file' && filename !== undefined);
  if (file === undefined) throw invalid('file', "Missing required parameter: 'file'.", 'missing_required_parameter');
  const shown = {
    id: world.identify('file-'),
    object: 'file',
    bytes: file.bytes.length,
    created_at: world.seconds(),
    filename: file.filename,
    purpose: required(params, 'purpose'),
    status: 'processed',
    expires_at: null,
    status_details: null,
  };
  world.files.set(shown.id, { shown, contentType: file.contentType, bytes: file.bytes });
  return json(shown);
};

/** Lists the files page by page, newest first: GET /files with `after`, `limit`, `order` and `purpose`. */
export const listFiles: Resource = ({ query }, { files }) => {
  const oldestFirst = [...files.values()].map(({ shown }) => shown);
  const ordered = query.get('order') === 'asc' ? oldestFirst : oldestFirst.reverse();
  const purpose = query.get('purpose');
  const wanted = purpose === null ? ordered : ordered.filter((shown) => shown.purpose === purpose);
  const limit = Number(query.get('limit') ?? 10_000);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw invalid('limit', "Invalid 'limit': expected an integer from 1 to 10000.");
  const after = query.get('after');
  const start = after === null ? 0 : wanted.findIndex(({ id }) => id === after) + 1;
  const data = wanted.slice(start, start + limit);
  const hasMore = start + limit < wanted.length;
  return json({
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  });
};
