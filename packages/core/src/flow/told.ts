/** A measure as it is told: to four digits, because what comes after them is noise; undefined for what is not finite, and so no JSON. */
export function told(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(4)) : undefined;
}
