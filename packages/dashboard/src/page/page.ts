/// <reference path="./raw.d.ts" />
import { createHash } from 'node:crypto';
import type { DashboardState } from '../state/state.js';
import dom from './dom.js?raw';
import format from './format.js?raw';
import live from './live.js?raw';
import main from './main.js?raw';
import style from './page.css?raw';
import template from './page.html?raw';
import panels from './panels.js?raw';
import store from './store.js?raw';
import targets from './targets.js?raw';
import timeline from './timeline.js?raw';

/** Each needs only those before it. */
const MODULES = [dom, format, store, panels, timeline, targets, live, main];

/** The page's script: its modules in one scope, so that the page is one file and asks for nothing else. */
const SCRIPT = `(() => {\n'use strict';\n${MODULES.map(inOneScope).join('\n')}\n})();`;
const STYLE = leaned(style);

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policyWith = (connect: string): string =>
  `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; img-src data:; connect-src ${connect}; base-uri 'none'; form-action 'none'`;

/** The Content-Security-Policy of the page: its own script and style, and its own server. */
export const PAGE_POLICY = `${policyWith("'self'")}; frame-ancestors 'none'`;

/** The page as it is served: empty, until its server sends it the picture. */
export function livePage(title: string): string {
  return filled({ title, state: 'null', policy: '' });
}

/** The recorded picture as a page that needs no server and makes no request. */
export function recordedPage(state: DashboardState): string {
  const meta = `<meta http-equiv="content-security-policy" content="${escaped(policyWith("'none'"))}">`;
  // Inside a script element only `<` can end it or begin a comment.
  return filled({ title: state.title, state: JSON.stringify(state).replaceAll('<', '\\u003c'), policy: meta });
}

/**
 * The picture as one self-contained HTML file, for a build's artifacts or an incident's notes: it makes no request, and everything that
 * the live page shows is in it as of `state.at`.
 */
export function renderDashboard(state: DashboardState): string {
  return recordedPage(state);
}

interface Filling {
  readonly title: string;
  /** As JSON. */
  readonly state: string;
  readonly policy: string;
}

function filled({ title, state, policy }: Filling): string {
  const parts: Readonly<Record<string, string>> = {
    '{{title}}': escaped(title),
    '<!--head-->': `${policy}<style>${STYLE}</style>`,
    '<!--foot-->': `<script type="application/json" id="state">${state}</script>\n<script>${SCRIPT}</script>`,
  };
  return template.replace(/\{\{title\}\}|<!--(?:head|foot)-->/g, (place) => parts[place] ?? '');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}

function inOneScope(module: string): string {
  return leaned(module.replace(/^import .*?;$/gms, '').replace(/^export /gm, ''));
}

/** Without the comments that stand on lines of their own, and without indentation. */
function leaned(text: string): string {
  return text
    .replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s+/gm, '')
    .trim();
}
