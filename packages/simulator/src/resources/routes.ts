import { Rejection } from '../answers/rejection.js';
import type { Resource } from './call.js';
import { completeChat } from './chat.js';
import { completeText } from './completions.js';
import { createEmbeddings } from './embeddings.js';
import { listFiles, uploadFile } from './files.js';
import { generateImages, speak, transcribe } from './media.js';
import { listModels, retrieveModel } from './models.js';
import { createModeration } from './moderations.js';
import { deleteFile, readFile, retrieveFile } from './one-file.js';
import { createResponse, deleteResponse, retrieveResponse } from './responses.js';

type Methods = Readonly<Record<string, Resource>>;

/** What stands at which path; `*` is an id, `**` may hold slashes, as the names of some models do. */
const routes: readonly (readonly [pattern: string, methods: Methods])[] = [
  ['/models', { GET: listModels }],
  ['/models/**', { GET: retrieveModel }],
  ['/chat/completions', { POST: completeChat }],
  ['/responses', { POST: createResponse }],
  ['/responses/*', { GET: retrieveResponse, DELETE: deleteResponse }],
  ['/embeddings', { POST: createEmbeddings }],
  ['/completions', { POST: completeText }],
  ['/moderations', { POST: createModeration }],
  ['/files', { GET: listFiles, POST: uploadFile }],
  ['/files/*', { GET: retrieveFile, DELETE: deleteFile }],
  ['/files/*/content', { GET: readFile }],
  ['/images/generations', { POST: generateImages }],
  ['/audio/speech', { POST: speak }],
  ['/audio/transcriptions', { POST: transcribe }],
];

const compiled = routes.map(([pattern, methods]) => {
  const source = pattern.replaceAll('**', '.+').replace(/(?<!\.)\*/g, '[^/]+');
  return { expression: new RegExp(`^${source}$`), methods };
});

/** Finds who answers a path; throws the API's 404 for an unknown one and its 405 for another method. */
export function findResource(method: string, path: string | undefined, written: string): Resource {
  const route = path === undefined ? undefined : compiled.find(({ expression }) => expression.test(path));
  if (route === undefined) throw new Rejection(404, { message: `Invalid URL (${method} ${written})` });
  const resource = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
  if (resource !== undefined) return resource;
  throw new Rejection(
    405,
    {
      message: `Not allowed to ${method} on ${written}. (HINT: Perhaps you meant to use a different HTTP method?)`,
      code: 'method_not_supported',
    },
    { allow: Object.keys(route.methods).join(', ') },
  );
}
