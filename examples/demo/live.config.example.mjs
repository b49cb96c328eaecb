// For `npm start -- --live`: copy this to router.config.mjs at the top of the repository and put your endpoints in.
// `npx breakwater doctor`, `npx breakwater-dashboard` and your own program take the same file.
import { defineConfig } from 'breakwater';

export default defineConfig({
  // The official client wants one, also where every endpoint has its own.
  apiKey: process.env.OPENAI_API_KEY,
  // How long a caller waits for an answer, in milliseconds.
  timeout: 60_000,
  router: {
    endpoints: [
      // The plain client uses the first one.
      { id: 'openai', baseURL: 'https://api.openai.com/v1', apiKey: process.env.OPENAI_API_KEY ?? '' },
      {
        id: 'openrouter',
        baseURL: 'https://openrouter.ai/api/v1',
        apiKey: process.env.OPENROUTER_API_KEY ?? '',
        models: { 'gpt-4.1-mini': 'openai/gpt-4.1-mini', 'claude-sonnet-4-5': 'anthropic/claude-sonnet-4.5' },
      },
    ],
    fallbacks: ['claude-sonnet-4-5'],
    timeouts: { firstTokenMs: 10_000, attemptMs: 20_000 },
  },
});
