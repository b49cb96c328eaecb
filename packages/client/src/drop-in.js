// What runs; its types are in drop-in.d.ts.
export { AzureOpenAI, OpenAI } from './client.js';
