// Writes the tables of options from their doc comments, which are their one source: `node scripts/option-tables.mjs`. A page says where one
// stands, of which interface, and which of its options are told part by part:
//   <!-- options of RouterOptions, in parts: retries, timeouts -->  …  <!-- end of options -->
// `--check` writes nothing, and ends with 1 when a page is not what would be written. Pages may be named; else it is all of docs/.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const BLOCK = /(<!-- options of (\w+)(?:, in parts: ([\w, ]+))? -->\n).*?(<!-- end of options -->)/gs;
const HEAD = ['option', 'what it is', 'default'];

const sources = ['core', 'client'].flatMap((name) => {
  const folder = join(root, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('options.ts'))
    .map((path) => ts.createSourceFile(path, readFileSync(join(folder, path), 'utf8'), ts.ScriptTarget.Latest, true));
});

/** The interface of that name, wherever it stands. */
function interfaceOf(name) {
  for (const { statements } of sources) {
    const found = statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
    if (found) return found;
  }
  throw new Error(`There is no interface ${name} in an options.ts of core or client.`);
}

/** The options of an interface, those that it extends first. */
function membersOf(node) {
  const inherited = (node.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => membersOf(interfaceOf(expression.getText()))),
  );
  return [...inherited, ...node.members.filter(ts.isPropertySignature)];
}

/** What the parts of an option are: written where it stands, or an interface of their own. */
function partsOf({ name, type }) {
  if (type && ts.isTypeLiteralNode(type)) return type.members.filter(ts.isPropertySignature);
  if (type && ts.isTypeReferenceNode(type)) return membersOf(interfaceOf(type.typeName.getText()));
  throw new Error(`${name.getText()} has no parts.`);
}

/** A text of a comment as it stands in a cell: on one line, with links to the pages, which lie side by side. */
function cell(comment) {
  const text = (ts.getTextOfJSDocComment(comment) ?? '').replace(/\s+/g, ' ').trim();
  return text
    .replaceAll('|', '\\|')
    .replace(/docs\/([\w-]+\.md)(#[\w-]+)?/g, (_, page, part = '') => `[${page}](${page}${part})`);
}

/** A row for each option, and for each part of those that are told in parts. */
function rowsOf(members, parts, prefix = '') {
  return members.flatMap((member) => {
    const name = member.name.getText();
    if (parts.includes(name)) return rowsOf(partsOf(member), [], `${prefix}${name}.`);
    const [doc] = ts.getJSDocCommentsAndTags(member);
    const told = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
    const [what, usual] = [cell(doc?.comment), told ? cell(told.comment) : member.questionToken ? '' : 'required'];
    if (what === '' || usual === '') throw new Error(`${prefix}${name} wants a doc comment, and a @default in it.`);
    return [[`\`${prefix}${name}\``, what, /^(?:-?[\d.]+|'.*'|true|false)$/.test(usual) ? `\`${usual}\`` : usual]];
  });
}

/** As the formatter has it: every column as wide as its widest cell. */
function tableOf(rows) {
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => row[column].length)));
  const line = (row, filler = ' ') =>
    `| ${row.map((text, column) => text.padEnd(widths[column], filler)).join(' | ')} |`;
  return [line(HEAD), line(['', '', ''], '-'), ...rows.map((row) => line(row))].join('\n');
}

/** A page with its tables as they ought to be. */
function written(page) {
  return page.replace(BLOCK, (_, begin, name, parts = '', end) => {
    const rows = rowsOf(membersOf(interfaceOf(name)), parts.split(/, */));
    return `${begin}\n${tableOf(rows)}\n\n${end}`;
  });
}

const [pages, flags] = [false, true].map((isFlag) =>
  process.argv.slice(2).filter((word) => word.startsWith('-') === isFlag),
);
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
for (const path of pages.length > 0 ? pages : docs.map((name) => join(root, 'docs', name))) {
  const page = readFileSync(path, 'utf8');
  const right = written(page);
  if (right === page) continue;
  if (!flags.includes('--check')) writeFileSync(path, right);
  else {
    console.error(`${relative(root, path)} is not what its options say; run node scripts/option-tables.mjs`);
    process.exitCode = 1;
  }
}
