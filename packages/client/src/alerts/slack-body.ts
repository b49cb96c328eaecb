import type { AlertMessage } from './sink.js';

const SIGNS = { info: ':large_blue_circle:', warning: ':large_yellow_circle:', critical: ':red_circle:' } as const;
const RESOLVED = ':large_green_circle:';
/** A section of Slack's takes three thousand characters. */
const LONGEST = 2_900;

/** A message in the JSON that Slack takes; `text` is what notifications and other programs show. */
export function slackBody({ text, alert, summary }: AlertMessage, source: string) {
  if (!alert) return bodyOf(`:warning: ${shown(summary ? text : '')}`, [source]);
  const { state, severity, rule, incident } = alert;
  const sign = state === 'resolved' ? `${RESOLVED} *resolved*` : `${SIGNS[severity]} *${severity}*`;
  const about = [alert.target ?? alert.endpoint ?? alert.model, alert.region, alert.key].filter(
    (one) => one !== undefined,
  );
  return bodyOf(`${sign} ${shown(alert.text)}`, [source, rule, ...about, incident]);
}

function bodyOf(text: string, about: readonly string[]) {
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: about.map(shown).join(' · ') }] };
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }, context] };
}

/** Names of models come from callers: none of them is to call a whole channel. */
const shown = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').slice(0, LONGEST);
