import { type Finding, isMet } from './gates.ts';

/** The result as a table: one line per finding, and whether it is within its limit. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { what, spread, micros, limit, unit } = finding;
    return [
      what,
      shown(finding.value, unit),
      spread ? spread.map((value) => value.toFixed(unit === 'ns' ? 0 : 2)).join('–') : '',
      micros === undefined ? '' : `${micros.toFixed(1)} µs`,
      limit === undefined ? '' : `≤ ${shown(limit, unit)}`,
      limit === undefined ? '' : isMet(finding) ? 'pass' : 'FAIL',
    ];
  });
  return columns([['', 'median', 'quarters', 'CPU', 'limit', ''], ...rows]);
}

/** Rows of text, in columns as wide as their widest cell; a column without any text is left out. */
export function columns(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((title, column) => {
    const widest = Math.max(0, ...body.map((row) => row[column]?.length ?? 0));
    return widest === 0 ? 0 : Math.max(title.length, widest);
  });
  return rows
    .map((row) =>
      row
        .map((cell, column) => ({ cell, width: widths[column] ?? 0 }))
        .filter(({ width }) => width > 0)
        .map(({ cell, width }) => cell.padEnd(width))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value: number, unit: Finding['unit']): string {
  if (unit === '×') return `${value.toFixed(2)}×`;
  if (unit !== 'bytes') return `${value.toFixed(unit === 'ns' ? 0 : 1)} ${unit}`;
  if (value >= 1024 ** 2) return `${(value / 1024 ** 2).toFixed(1)} MB`;
  return value < 512 ? `${value.toFixed(0)} B` : `${(value / 1024).toFixed(1)} KB`;
}
