/** What stands at the beginning of an answer that quotes what it is to begin with. */
const LEADING = /^[\s"'“”«»„‘’`…]+/;
/** So much of it is looked at. */
const MOST_LEADING = 12;
/** What closes what was opened in front of a quotation. */
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '„': '“',
  '«': '»',
  '‘': '’',
  '`': '`',
};
const SPACE = /\s/;
/** So much of a text is looked at for a unit that it is made of. */
const REFRAIN_ROOM = 600;

/** A text from everywhere that what it quotes may begin: as it stands, and without what stands in front of its first word. */
export function startsOf(text: string): readonly string[] {
  const leading = LEADING.exec(text)?.[0].length ?? 0;
  const starts = [text];
  for (let at = 1; at <= Math.min(leading, MOST_LEADING); at += 1) starts.push(text.slice(at));
  if (leading > MOST_LEADING) starts.push(text.slice(leading));
  return starts;
}

/**
 * What follows in a text on some words that it begins with; undefined when it does not, `open` when it has come to its end before they
 * have. Capitals, the form of quotes and the kind of white space may differ: who says something again writes it as it writes.
 */
export function afterRepeat(words: string, text: string, isEnd: boolean): string | 'open' | undefined {
  const bare = words.trimEnd();
  const at = endOfMatch(bare, text);
  if (at === undefined || at === 'open') return at;
  const rest = text.slice(at);
  const space = words.slice(bare.length);
  if (!isEnd && space.startsWith(rest) && space !== '') return 'open';
  return rest.slice(commonSpace(space, rest));
}

/** Where in a text some words that it begins with end. */
function endOfMatch(words: string, text: string): number | 'open' | undefined {
  let at = 0;
  for (let index = 0; index < words.length; index += 1) {
    if (at >= text.length) return 'open';
    const [wanted, found] = [words[index] as string, text[at] as string];
    if (!SPACE.test(wanted)) {
      if (folded(wanted) !== folded(found)) return undefined;
      at += 1;
    } else {
      if (!SPACE.test(found)) return undefined;
      while (SPACE.test(words[index + 1] ?? '')) index += 1;
      while (SPACE.test(text[at] ?? '')) at += 1;
    }
  }
  return at;
}

function folded(character: string): string {
  if ('’‘'.includes(character)) return "'";
  return '“”'.includes(character) ? '"' : character.toLowerCase();
}

function commonSpace(space: string, text: string): number {
  let length = 0;
  while (length < space.length && space[length] === text[length]) length += 1;
  return length;
}

/** Whether a text is made of one unit said again and again, or stood there just before: then it is no wonder that it comes once more. */
export function isRefrain(text: string, before: string): boolean {
  if (before.trimEnd().endsWith(text.trim())) return true;
  const head = text.slice(0, REFRAIN_ROOM);
  for (let unit = 1; unit <= head.length / 2; unit += 1) if (head.startsWith(head.slice(unit))) return true;
  return false;
}

/** What follows on words that were quoted, without what closes the quotation; `open` while that may still come. */
export function unquoted(leading: string, rest: string, isEnd: boolean): string | 'open' {
  const closing = [...leading].flatMap((mark) => CLOSING[mark] ?? []);
  if (closing.length === 0) return rest;
  if (rest === '' && !isEnd) return 'open';
  return closing.includes(rest.charAt(0)) ? rest.slice(1) : rest;
}
