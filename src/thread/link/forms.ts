/** What texts have to look like that preludes take as they are. Pure; used in threads. */

/** Of a method of HTTP. What browsers and ingress refuse stays refused. */
export const methodForm = /^(?!(?:trace|track)$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/iu;
/** https://www.rfc-editor.org/rfc/rfc9112#name-status-line */
export const reasonForm = /^[\t\x20-\x7e\x80-\xff]*$/u;
/** What another nanod calls a request; it stands in the log. */
export const requestIdForm = /^[\w-]{0,64}$/u;
/** Of a file: the date, the lengths of the field's name and of the type, and then those and the name of the file. */
export const fileForm = /^-?\d{1,20}\n\d{1,9}\n\d{1,9}\n/u;

/** An absolute URL in its serialized form. */
export function isUrl(text: string): boolean {
  return URL.parse(text)?.href === text;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4: what can be said, what stands for no code, and (not clean) for a loss. */
export function isCloseCode(code: number, isClean: boolean): boolean {
  if (code === 1005) return true;
  if (code === 1006 || code === 1015) return !isClean;
  return code >= 3000 || (code >= 1000 && code <= 1014 && code !== 1004);
}
