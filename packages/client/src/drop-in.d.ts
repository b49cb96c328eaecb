// The clients under the official types: those have a namespace (`OpenAI.Chat.ChatCompletion` and some hundred more), which a subclass
// would lose. What is ours is added to them in augment.ts; what runs is in drop-in.js.
import './augment.js';

export { AzureOpenAI, OpenAI } from 'openai';
