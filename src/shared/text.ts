/**
 * Text that came from elsewhere (a user's file, a thrown error, a name) made safe to print on one terminal line. Pure functions; used in
 * every thread of the host.
 */

// C0 and C1 controls, DEL, and the characters that reorder or hide text (bidirectional controls, zero-width, line separators).
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const unprintableExceptNewline =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const loneSurrogate = /\p{Surrogate}/gu;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Escapes everything that a terminal might obey instead of showing; line breaks stay. */
export function printable(text: string): string {
  return text.replace(unprintableExceptNewline, escapeCharacter).replace(loneSurrogate, escapeCharacter);
}

/** The text cut to `limit` UTF-16 units, with `…` for what was cut. */
export function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** The text in double quotes on one line, escaped as in JSON and cut at 80 characters: what a message says about a user's text. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text, 80)).replace(unprintable, escapeCharacter);
}

/** `1 worker`, `2 workers`. `noun` takes an s. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a thrown value says about itself, on its first line. Never throws, whatever was thrown. */
export function describeThrown(thrown: unknown): string {
  try {
    const isObject = typeof thrown === 'object' && thrown !== null;
    const text = isObject && 'message' in thrown ? thrown.message : thrown;
    const firstLine = String(text).split('\n', 1)[0] ?? '';
    return shorten(firstLine === '' ? 'an error without a message' : firstLine, 500);
  } catch {
    return 'a value that cannot be described';
  }
}
