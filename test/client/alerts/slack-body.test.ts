import { expect, test } from 'vitest';
import { slackBody } from '../../../packages/client/src/alerts/slack-body.js';

const alert = {
  ...{ at: 0, since: 0, incident: 'mine-x-1', rule: 'mine', severity: 'warning', state: 'firing', text: 'oh' },
} as const;

/** The texts of the section and of the context. */
function texts(more: object, text = '') {
  const [section, context] = slackBody({ text, ...more }, 'shop').blocks;
  const about = context && 'elements' in context ? context.elements : [];
  return { section: section && 'text' in section ? section.text.text : '', context: about[0]?.text ?? '' };
}

// A caller asked for a model with a name of thousands of characters. Slack takes three thousand, so it refused every alert about it.
test('names of any length fit into what Slack takes, on one line', () => {
  const name = `<!channel>\n\u2028${'&'.repeat(10_000)}`;
  const { context } = texts({ alert: { ...alert, target: name, region: name, key: name, rule: name, incident: name } });
  expect(context.length).toBeLessThan(1_000);
  expect(context).not.toMatch(/[\n\u2028]|<!|&(?!amp;|lt;|gt;)/);
  expect(context).toMatch(/^shop · &lt;!channel&gt;/);
});

// A text was cut after it had been escaped, in the middle of "&amp;".
test.each(['&', '<', '\u{1f525}'])('a text full of %s is cut between two signs of it', (sign) => {
  const { section } = texts({ alert: { ...alert, text: sign.repeat(5_000) } });
  expect(section.length).toBeLessThan(3_000);
  expect(section).toMatch(/^:large_yellow_circle: \*warning\* (?:(?:&amp;)+|(?:&lt;)+|\u{1f525}+)…$/u);
});

test('what fits is shown as it is', () => {
  expect(texts({ alert: { ...alert, target: 'seoul/m', key: 'first' } })).toEqual({
    section: ':large_yellow_circle: *warning* oh',
    context: 'shop · mine · seoul/m · first · mine-x-1',
  });
});
