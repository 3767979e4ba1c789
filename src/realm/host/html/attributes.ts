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
    const [text, name = '', double, single, bare] = found;
    attributes.push({
      name: lowerCase(name),
      value: double ?? single ?? bare ?? '',
      start: found.index,
      // An equals sign without a value would take the next attribute for one, where another is written after it.
      end: found.index + (bare === '' ? name : text).length,
    });
  }
  return attributes;
}

/** ASCII letters only: in a tag's source each character is a byte of some encoding. */
export function lowerCase(text: string): string {
  return UPPER.test(text) ? text.replace(UPPERS, (letters) => letters.toLowerCase()) : text;
}

const UPPER = /[A-Z]/;
const UPPERS = /[A-Z]+/g;
