/** What may be said of headers in a configuration. Pure; runs in the supervisor and in scripts. */

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/u;

/** Visible characters of Latin-1, with spaces and tabs within. https://www.rfc-editor.org/rfc/rfc9110#name-field-values */
export const fieldValue = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/u;

/** Whoever speaks HTTP sets these: another value would break the connection, or smuggle a message into it. */
const framing: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header belongs to the connection. `name`: in lower case. */
export function isFraming(name: string): boolean {
  return framing.has(name);
}
