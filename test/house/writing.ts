import ts from 'typescript';
import type { Rule } from './imports.js';
import { at, nodes, type Source } from './sources.js';

const LONGEST_FILE = 250;
const LONGEST_FUNCTION = 50;

/** What core may not call outside `base/`, and what stands in its place. */
const BANNED: Readonly<Record<string, string>> = {
  'Date.now': 'take `now`, or clock.wall() for a date',
  'new Date': 'take `now`, or clock.wall() for a date',
  'performance.now': 'take `now` as a parameter, or clock.now()',
  'Math.random': 'take a Random (base/random.ts)',
  setTimeout: 'take a Clock and use clock.setTimeout',
  setInterval: 'find out what is due when asked; a wait is clock.setTimeout',
  'AbortSignal.timeout': 'use clock.setTimeout and an AbortController',
};

/** Parts hold no clock and no dice, or a simulation could not run them. */
export const bannedCalls: Rule = (all) =>
  all
    .filter((source) => source.pack === 'core' && source.room !== 'base')
    .flatMap((source) =>
      [...nodes(source.tree)].flatMap((node) => {
        const name = platformName(node);
        const remedy = name === undefined || !Object.hasOwn(BANNED, name) ? undefined : BANNED[name];
        return remedy === undefined ? [] : [`${at(source, node)} uses ${name}; ${remedy}`];
      }),
    );

/** A file and a function are read in one go. */
export const sizes: Rule = (all) =>
  all.flatMap((source) => {
    const lines = source.tree.text.trimEnd().split('\n').length;
    const long =
      lines > LONGEST_FILE
        ? [`${source.path}:1 has ${lines} lines, at most ${LONGEST_FILE}; split it by what changes together`]
        : [];
    for (const node of nodes(source.tree)) {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) continue;
      const length = lineOf(source, node.getEnd()) - lineOf(source, node.getStart(source.tree)) + 1;
      if (length > LONGEST_FUNCTION) {
        long.push(
          `${at(source, node)} is a function of ${length} lines, at most ${LONGEST_FUNCTION}; name a step of it and take it out`,
        );
      }
    }
    return long;
  });

/** Whatever a file offers says what it is; `index.ts` only passes on. */
export const documentedExports: Rule = (all) =>
  all
    .filter((source) => !source.path.endsWith('/index.ts'))
    .flatMap((source) => {
      const byName = new Map<string, ts.Node>();
      const documented = new Set<string>();
      for (const node of source.tree.statements) {
        for (const name of namesOf(node)) {
          if (hasDoc(source, node)) documented.add(name);
          if (isExported(node)) byName.set(name, node);
        }
      }
      for (const node of source.tree.statements) {
        if (
          !ts.isExportDeclaration(node) ||
          node.moduleSpecifier ||
          !node.exportClause ||
          !ts.isNamedExports(node.exportClause)
        )
          continue;
        for (const one of node.exportClause.elements) byName.set((one.propertyName ?? one.name).text, node);
      }
      return [...byName]
        .filter(([name]) => !documented.has(name))
        .map(
          ([name, node]) => `${at(source, node)} exports ${name} without a doc comment; say in one sentence what it is`,
        );
    });

/** Types are not switched off. */
export const typesKept: Rule = (all) =>
  all.flatMap((source) => {
    const faults = [...nodes(source.tree)]
      .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
      .map((node) => `${at(source, node)} says any; say unknown and narrow it`);
    for (const match of source.tree.text.matchAll(/@ts-(?:ignore|nocheck|expect-error)/g)) {
      faults.push(`${source.path}:${lineOf(source, match.index) + 1} has ${match[0]}; mend the type instead`);
    }
    return faults;
  });

/** A drawer for everything is where nothing is found. */
export const noDrawers: Rule = (all) =>
  all.flatMap(({ path }) => {
    const drawer = path.split('/').find((part) => /^(?:utils?|common|helpers?|shared|misc)(?:\.ts)?$/i.test(part));
    return drawer === undefined
      ? []
      : [`${path}:1 lies in ${drawer}; name it after what it does and put it into that room`];
  });

/**
 * A `@default` that is a literal is the value of the same key in a constant of the same file whose name ends in `DEFAULTS`. Defaults
 * told in words are left alone.
 */
export const defaultsTrue: Rule = (all) =>
  all
    .filter((source) => source.path.endsWith('/options.ts'))
    .flatMap((source) => {
      const constants = constantsOf(source);
      const faults: string[] = [];
      for (const node of nodes(source.tree)) {
        const told = ts.isPropertySignature(node) ? toldDefault(node) : undefined;
        if (!ts.isPropertySignature(node) || told === undefined) continue;
        const key = node.name.getText(source.tree);
        const values = constants.get(key) ?? [];
        if (values.includes(told)) continue;
        const actual =
          values.length === 0 ? `no constant named …DEFAULTS has ${key}` : `the constant is ${values.join(' or ')}`;
        faults.push(`${at(source, node)} ${key} is documented as @default ${told}, but ${actual}; make them one`);
      }
      return faults;
    });

function platformName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const holder = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
    const name = ts.isIdentifier(holder) ? `${holder.text}.${node.name.text}` : undefined;
    return name?.replace(/^globalThis\./, '');
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return node.expression.text;
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) return `new ${node.expression.text}`;
  return undefined;
}

function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line;
}

function namesOf(node: ts.Statement): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((one) => one.name.getText());
  if (ts.isExportAssignment(node)) return ['default'];
  const named =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return named ? [node.name?.text ?? 'default'] : [];
}

function isExported(node: ts.Statement): boolean {
  if (ts.isExportAssignment(node)) return !ts.isIdentifier(node.expression);
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.ExportKeyword)
  );
}

function hasDoc(source: Source, node: ts.Node): boolean {
  const text = source.tree.text;
  return (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).some(({ pos }) => text.startsWith('/**', pos));
}

/** The `@default` of an option as normal text, if it is a number, a string, a boolean or a list of such. */
function toldDefault(node: ts.PropertySignature): string | undefined {
  const tag = ts.getJSDocTags(node).find((one) => one.tagName.text === 'default');
  const told = ts.getTextOfJSDocComment(tag?.comment)?.trim() ?? '';
  const literal = /^(?:-?[\d._]+(?:e\d+)?|Infinity|true|false|'[^']*'|\[[\d._,\s]*\])$/.test(told);
  return literal ? normal(told) : undefined;
}

function constantsOf(source: Source): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const node of nodes(source.tree)) {
    if (!ts.isVariableDeclaration(node) || !/DEFAULTS$/.test(node.name.getText(source.tree)) || !node.initializer)
      continue;
    for (const property of nodes(node.initializer)) {
      if (!ts.isPropertyAssignment(property)) continue;
      const key = property.name.getText(source.tree);
      values.set(key, [...(values.get(key) ?? []), normal(property.initializer.getText(source.tree))]);
    }
  }
  return values;
}

/** The same value is written the same way: `60_000` as 60000, `Number.POSITIVE_INFINITY` as Infinity. */
function normal(literal: string): string {
  const plain = literal.replace(/Number\.POSITIVE_INFINITY/, 'Infinity').replace(/ as const$/, '');
  if (/^["']/.test(plain)) return `'${plain.slice(1, -1)}'`;
  if (plain.startsWith('['))
    return `[${plain
      .slice(1, -1)
      .split(',')
      .map((one) => normal(one.trim()))
      .join(', ')}]`;
  const number = Number(plain.replaceAll('_', ''));
  return Number.isNaN(number) ? plain : String(number);
}
