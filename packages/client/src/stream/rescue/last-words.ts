/** So many characters further back a word is looked for that they begin with. */
const LONGEST_WORD = 32;
/** What belongs to the character before it: half of a pair, an accent, a joiner and what it joins. */
const GOES_ON = /^(?:[\udc00-\udfff]|\p{M}|\u200d|\p{Emoji_Modifier})/u;
const LONGEST_CHARACTER = 16;

/**
 * The last words of a text, so many characters at the least, for somebody to begin with; the whole of a short one. Where no word begins
 * near there, as in a script without spaces, they begin with any character.
 */
export function lastWords(text: string, least = 32): string {
  const from = text.trimEnd().length - least;
  if (from <= 0) return text.trimStart();
  const before = text.slice(Math.max(0, from - LONGEST_WORD), from);
  const begun = /\S*$/.exec(before)?.[0].length ?? 0;
  const isFound = begun < before.length || before.length === from;
  return text.slice(isFound ? from - begun : wholeCharacter(text, from)).trimStart();
}

/** The next place before this one where a character begins. */
function wholeCharacter(text: string, from: number): number {
  let at = from;
  const isInside = () => GOES_ON.test(text.slice(at, at + 2)) || text[at - 1] === '\u200d';
  while (at > 0 && from - at < LONGEST_CHARACTER && isInside()) at -= 1;
  return at;
}
