import { cut } from '../flow/explanation-words.js';

const LONGEST_NAME = 80;
const LONGEST_SENTENCE = 500;
const BREAKING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name in a sentence. Names of models come from callers: none may break a line, nor fill a page. */
export const nameText = (name: string): string => cut(name.replace(BREAKING, '?'), LONGEST_NAME);

/** A sentence of somebody else's: on one line, and not endless. */
export const sentenceText = (text: string): string => cut(String(text).replace(BREAKING, ' '), LONGEST_SENTENCE);

/** How often, in a sentence. */
export const timesText = (times: number): string => (times === 1 ? 'once' : times === 2 ? 'twice' : `${times} times`);

/** A share of 1, in a sentence. */
export const shareText = (share: number): string => `${Number((100 * share).toPrecision(share < 0.1 ? 2 : 3))} %`;
