// For `npm start -- --live`: copy this to breakwater.config.mjs at the top of the repository and put your endpoints in.
// Everything but `model`, `requests`, `perSecond` and `timeout` is what you would give as `router` to the client.
export default {
  model: 'gpt-4.1-mini',
  // Asked through each of the two clients, so your provider counts twice as many.
  requests: 20,
  perSecond: 2,
  // How long a caller waits for an answer, in milliseconds.
  timeout: 60_000,

  endpoints: [
    // The plain client uses the first one.
    { id: 'openai', baseURL: 'https://api.openai.com/v1', apiKey: process.env.OPENAI_API_KEY },
    {
      id: 'openrouter',
      baseURL: 'https://openrouter.ai/api/v1',
      apiKey: process.env.OPENROUTER_API_KEY,
      models: { 'gpt-4.1-mini': 'openai/gpt-4.1-mini', 'claude-sonnet-4-5': 'anthropic/claude-sonnet-4.5' },
    },
  ],
  fallbacks: ['claude-sonnet-4-5'],
  timeouts: { firstTokenMs: 10_000, attemptMs: 20_000 },
};
