/** A question to gpt-4.1. */
export const question = (content: string) => ({ model: 'gpt-4.1', messages: [{ role: 'user' as const, content }] });
