import type { AlertMessage } from './sink.js';

const SIGNS = { info: ':large_blue_circle:', warning: ':large_yellow_circle:', critical: ':red_circle:' } as const;
const RESOLVED = ':large_green_circle:';
/** A section of Slack's takes three thousand characters. */
const LONGEST = 2_900;
/** Its context takes as much, for six names. */
const LONGEST_NAME = 100;
const BREAKING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

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
  const context = {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: about.map((name) => shown(name, LONGEST_NAME)).join(' · ') }],
  };
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }, context] };
}

/** Names of models come from callers: none of them is to call a whole channel, break a line, or be refused because it is too long. */
function shown(text: string, longest = LONGEST): string {
  let told = '';
  for (const sign of text.replace(BREAKING, ' ')) {
    const escaped = ESCAPES[sign] ?? sign;
    // Counted as Slack is sent it; nothing is cut in its middle.
    if (told.length + escaped.length >= longest) return `${told}…`;
    told += escaped;
  }
  return told;
}
