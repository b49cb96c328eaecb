import { type Finding, isMet } from './gates.ts';

/** The result as a table: one line per finding, and whether it is within its limit. */
export function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { what, spread, micros, limit, unit } = finding;
    return [
      what,
      shown(finding.value, unit),
      spread ? `${spread[0].toFixed(2)}–${spread[1].toFixed(2)}` : '',
      micros === undefined ? '' : `${micros.toFixed(1)} µs`,
      limit === undefined ? '' : `≤ ${shown(limit, unit)}`,
      limit === undefined ? '' : isMet(finding) ? 'pass' : 'FAIL',
    ];
  });
  const head = ['', 'median', 'quarters', 'CPU', 'limit', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value: number, unit: Finding['unit']): string {
  if (unit === '×') return `${value.toFixed(2)}×`;
  return unit === 'bytes' ? `${(value / 1024).toFixed(1)} KB` : `${value.toFixed(1)} ms`;
}
