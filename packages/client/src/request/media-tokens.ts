/** A picture of low detail; any other is this and its tiles, as GPT-4o counts. */
const LOW_DETAIL_TOKENS = 85;
const TILE_TOKENS = 170;
/** In pixels: a picture is made to fit the long sides, then the short one, and cut into tiles. */
const LONG_SIDE = 2048;
const SHORT_SIDE = 768;
const TILE = 512;
/** A picture of unknown size: a photo has four tiles. */
const PICTURE_TOKENS = LOW_DETAIL_TOKENS + 4 * TILE_TOKENS;

const AUDIO_TOKENS_A_SECOND = 10;
/** Bytes a second: 24 kHz of 16 bits where the head of a WAV does not say, and 128 kbit/s of whatever is compressed. */
const WAV_RATE = 48_000;
const COMPRESSED_RATE = 16_000;

/** How much text a document has nobody knows before it was read; of a text it is known. */
const DOCUMENT_BYTES_A_TOKEN = 100;
const TEXT_BYTES_A_TOKEN = 4;

/**
 * The tokens of a picture, by GPT-4o's rule: 85 in low detail, otherwise by its size, which is known of a PNG in a data URL, and 765
 * where it is not. Other models count by other rules, up to three times as many.
 */
export function tokensOfPicture(url: unknown, detail: unknown): number {
  if (detail === 'low') return LOW_DETAIL_TOKENS;
  const head = typeof url === 'string' ? headOf(url) : '';
  if (!head.startsWith('\x89PNG')) return PICTURE_TOKENS;
  const sides = [numberAt(head, 16), numberAt(head, 20)];
  const long = Math.max(...sides);
  const short = Math.min(...sides);
  if (short <= 0) return PICTURE_TOKENS;
  const scale = Math.min(1, LONG_SIDE / long);
  const shrunk = scale * Math.min(1, SHORT_SIDE / (short * scale));
  return LOW_DETAIL_TOKENS + TILE_TOKENS * Math.ceil((long * shrunk) / TILE) * Math.ceil((short * shrunk) / TILE);
}

/** The tokens of a recording in base64: ten a second, by the rate a WAV tells, or by that of an MP3 of 128 kbit/s. */
export function tokensOfAudio(data: unknown, format: unknown): number {
  if (typeof data !== 'string') return 0;
  const rate = format === 'wav' ? rateOfWav(headOf(data)) : COMPRESSED_RATE;
  return (bytesOf(data) / rate) * AUDIO_TOKENS_A_SECOND;
}

/** The tokens of a file in base64, as a data URL or bare: one for every four bytes of a text, and for every hundred of a document. */
export function tokensOfFile(data: unknown): number {
  if (typeof data !== 'string') return 0;
  return bytesOf(data) / (data.startsWith('data:text/') ? TEXT_BYTES_A_TOKEN : DOCUMENT_BYTES_A_TOKEN);
}

function rateOfWav(head: string): number {
  const rate = head.startsWith('RIFF') ? numberAt([...head].slice(28, 32).reverse().join(''), 0) : 0;
  return rate > 0 ? rate : WAV_RATE;
}

const startOf = (base64: string): number => (base64.startsWith('data:') ? base64.indexOf(',') + 1 : 0);

const bytesOf = (base64: string): number => ((base64.length - startOf(base64)) * 3) / 4;

/** The first 33 bytes, one for each character; empty where there is no base64. */
function headOf(base64: string): string {
  const start = startOf(base64);
  if (start === 0 && /^https?:/.test(base64)) return '';
  try {
    return atob(base64.slice(start, start + 44));
  } catch {
    return '';
  }
}

/** Four bytes, the highest first; 0 where there are fewer. */
function numberAt(bytes: string, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = Array.from(bytes.slice(at, at + 4), (byte) => byte.charCodeAt(0));
  return ((a * 256 + b) * 256 + c) * 256 + d;
}
