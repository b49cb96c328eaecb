import type { AlertMessage } from './sink.js';

/** What alerts say before their text. */
const STATES = { firing: 'FIRING', resolved: 'RESOLVED' } as const;

/** A message with its text. */
export function messageOf({ alert, summary }: Omit<AlertMessage, 'text'>): AlertMessage {
  if (alert) {
    const { state, severity, rule, text, incident } = alert;
    return { alert, text: `${STATES[state]} ${severity} ${rule}: ${text} [${incident}]` };
  }
  const { alerts = 0, firing = 0, resolved = 0, byRule = {}, latest = '' } = summary ?? {};
  const rules = Object.entries(byRule).map(([rule, count]) => `${rule} ${count}`);
  const text = `${alerts} alerts that were not told one by one (${firing} firing, ${resolved} resolved; ${rules.join(', ')}). The latest: ${latest}`;
  return { summary, text };
}
