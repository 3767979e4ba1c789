/**
 * Whether a value is a DOMException, for what runs in every realm: the class itself is loaded when something needs one, and until then nothing
 * is.
 */

let hasBrand: (value: unknown) => boolean = () => false;

/** Runs no code of the value. */
export function isDOMException(value: unknown): boolean {
  return hasBrand(value);
}

/** Called by the class, once it is there. */
export function setDOMExceptionBrand(test: (value: unknown) => boolean): void {
  hasBrand = test;
}
