const OPERATIONS: Readonly<Record<string, string>> = {
  'chat.completions': 'chat',
  responses: 'chat',
  completions: 'text_completion',
  embeddings: 'embeddings',
};

/** The operation that a resource stands for; what the conventions have no name for has its own, and what has none is a `request`. */
export const operationOf = (resource: string | undefined): string =>
  resource === undefined ? 'request' : (OPERATIONS[resource] ?? resource);
