/** The attributes of a tag as they are written, duplicates included. https://html.spec.whatwg.org/#before-attribute-name-state */

/** One attribute of a tag. Positions count characters of the tag's source. */
export interface SourceAttribute {
  /** In lower case (ASCII). */
  readonly name: string;
  /** As it is written, entities included. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** name, then perhaps `=` and a value in one of three forms; what else stands there (spaces, slashes) is between attributes. */
const ATTRIBUTE =
  /([^\t\n\f\r />][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|((?!["'])[^\t\n\f\r >]*)))?/g;

/** `from`: where the tag's name ends. The tag must be complete. */
export function parseAttributes(source: string, from: number): SourceAttribute[] {
  const attributes: SourceAttribute[] = [];
  ATTRIBUTE.lastIndex = from;
  for (let found = ATTRIBUTE.exec(source); found !== null; found = ATTRIBUTE.exec(source)) {
    const { index } = found;
    const name = found[1] ?? '';
    const bare = found[4];
    attributes.push({
      name: lowerCase(name),
      value: found[2] ?? found[3] ?? bare ?? '',
      start: index,
      // An equals sign without a value would take the next attribute for one, where another is written after it.
      end: index + (bare === '' ? name : found[0]).length,
    });
  }
  return attributes;
}

/** ASCII letters only: in a tag's source each character is a byte of some encoding. */
export function lowerCase(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 65 && code <= 90) return text.replace(UPPERS, (letters) => letters.toLowerCase());
  }
  return text;
}

const UPPERS = /[A-Z]+/g;
