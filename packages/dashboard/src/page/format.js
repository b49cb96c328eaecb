const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A count, with its thousands apart. */
export const count = (value) => whole.format(value);

/** A count in a few signs. */
export const compact = (value) => short.format(value);

/** Milliseconds, as people say them. */
export function ms(value) {
  if (value === undefined) return '–';
  if (value < 1) return '<1 ms';
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(value / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** How long is left, as roughly as people say it, and never less than it is. */
export function left(value) {
  return value > 60_000 ? `${Math.ceil(value / 60_000)} min` : `${Math.ceil(value / 1_000)} s`;
}

/** A share, 0 to 1. */
export function percent(value) {
  if (Number.isNaN(value)) return '–';
  return `${value === 1 || value === 0 ? value * 100 : Math.min(99.9, value * 100).toFixed(1)}%`;
}

/** A rate by the second. */
export const rate = (value) => (value > 0 && value < 10 ? value.toFixed(1) : whole.format(Math.round(value)));

/** US dollars; of small sums the cents' cents too. */
export function usd(value) {
  return `$${value.toFixed(value === 0 ? 2 : value < 0.01 ? 5 : value < 1 ? 4 : 2)}`;
}

/** The time of day. */
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB');

/** A day and its time. */
export const day = (at) => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** A place on earth. */
export function place({ lat, lon }) {
  const side = (value, [plus, minus]) => `${Math.abs(value).toFixed(1)}° ${value < 0 ? minus : plus}`;
  return `${side(lat, 'NS')}, ${side(lon, 'EW')}`;
}

/** `requestsPerMinute` as words. */
export const words = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A shape for each state, because colour alone tells not everybody. In a box of 12 by 12. */
export const SHAPES = {
  ready: 'M6 1.500a4.5 4.5 0 1 0 .01 0Z',
  probing: 'M6 1.500a4.5 4.5 0 0 1 0 9ZM6 1.500a4.5 4.5 0 0 0 0 9M6 2.700a3.3 3.3 0 0 0 0 6.600Z',
  open: 'M2.2 3.6 3.6 2.2 6 4.6 8.4 2.2 9.8 3.6 7.4 6 9.8 8.4 8.4 9.8 6 7.4 3.6 9.8 2.2 8.4 4.6 6Z',
  cooling: 'M2.5 2h2.500v8H2.500ZM7 2h2.500v8H7Z',
  quarantined: 'M2 5.500A4 4 0 0 1 10 5.500H8.400A2.4 2.4 0 0 0 3.6 5.500ZM1.8 5.500H10.200V10.500H1.800Z',
  down: 'M1.5 3h9L6 10.500Z',
  limited: 'M2 2.500h8v1.800H2ZM2 5.100h8v1.800H2ZM2 7.700h8v1.800H2Z',
};
