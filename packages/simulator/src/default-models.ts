/** The models of a simulator that is not told any. */
export const DEFAULT_MODELS: readonly string[] = [
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4o',
  'gpt-4o-mini',
  'o4-mini',
  'claude-sonnet-4-5',
  'gemini-2.5-flash',
  'deepseek-chat',
  'gpt-3.5-turbo-instruct',
  'text-embedding-3-small',
  'text-embedding-3-large',
  'omni-moderation-latest',
  'gpt-image-1',
  'tts-1',
  'whisper-1',
];
