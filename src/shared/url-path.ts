/** Paths of URLs as they are compared. Pure; runs anywhere in the host. */

/** Escapes of characters that need none become the characters, others are in upper case. https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.2 */
export function plainPath(path: string): string {
  return path.includes('%') ? path.replace(/%[\da-f]{2}/giu, plainEscape) : path;
}

function plainEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[\w.~-]/u.test(character) ? character : escape.toUpperCase();
}
