/** Names, numbers and comments are passed over; what is left of quotes are the strings. */
const TOKENS = /"""|"(?:[^"\\\n\r]|\\.)*"|#/g;

/** The text of a document whose strings stand aside: those that differ in nothing else are one. */
export interface Lifted {
  /** The text with a number for each string, the same for equal ones: whether two are equal may decide what is right. */
  readonly shape: string;
  readonly strings: readonly string[];
}

/** @returns undefined where the text holds what makes strings hard to tell: escapes, block strings, comments, half characters. */
export function lift(text: string): Lifted | undefined {
  if (!text.includes('"')) return { shape: text, strings: [] };
  const strings: string[] = [];
  const numbers = new Map<string, number>();
  let shape = '';
  let from = 0;
  TOKENS.lastIndex = 0;
  for (let token = TOKENS.exec(text); token; token = TOKENS.exec(text)) {
    const [quoted] = token;
    if (quoted.length < 2 || quoted === '"""' || quoted.includes('\\') || !quoted.isWellFormed()) return undefined;
    const value = quoted.slice(1, -1);
    // The place of the first of its kind; by a Map, since whoever may not ask at all can send thousands.
    const number = numbers.get(value) ?? strings.length;
    numbers.set(value, number);
    shape += `${text.slice(from, token.index)}"${number}"`;
    strings.push(value);
    from = TOKENS.lastIndex;
  }
  return { shape: shape + text.slice(from), strings };
}
