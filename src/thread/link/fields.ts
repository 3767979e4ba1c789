/** The fields of a list that a network peer has sent, taken one after the other: each is what it has to be, or a Violation is thrown. */

import { Violation } from '../channel/trust.ts';

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/u;
/** https://fetch.spec.whatwg.org/#header-value */
const headerValue = /^[^\0\r\u0100-\uffff]*$/u;

export class Fields {
  readonly #list: readonly unknown[];
  #at = 0;

  constructor(allegedList: unknown) {
    if (!Array.isArray(allegedList)) throw new Violation('a message is no list');
    this.#list = allegedList as unknown[];
  }

  /** The next field, whatever it is. */
  next(): unknown {
    return this.#list[this.#at++];
  }

  /** A whole number. */
  integer(least: number, most: number): number {
    const value = this.next();
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw new Violation('a number is out of its range');
    return value;
  }

  /** The number of a call, a stream, a capability. */
  id(): number {
    return this.integer(1, Number.MAX_SAFE_INTEGER);
  }

  /** The same; negative for what belongs to the receiver. */
  eitherId(): number {
    const id = this.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (id === 0) throw new Violation('a number is zero');
    return id;
  }

  text(): string {
    const value = this.next();
    if (typeof value !== 'string') throw new Violation('a text is none');
    return value;
  }

  /** Text of a pattern. */
  match(pattern: RegExp): string {
    const text = this.text();
    if (!pattern.test(text)) throw new Violation('a text is not of its form');
    return text;
  }

  /** One of several texts. */
  oneOf<Word extends string>(words: readonly Word[]): Word {
    const text = this.text() as Word;
    if (!words.includes(text)) throw new Violation('a word is none of its kind');
    return text;
  }

  flag(): boolean {
    const value = this.next();
    if (typeof value !== 'boolean') throw new Violation('a flag is none');
    return value;
  }

  list(): Fields {
    return new Fields(this.next());
  }

  /** The rest of the fields, each taken by the function. */
  map<T>(take: (fields: Fields) => T): T[] {
    const taken: T[] = [];
    while (this.#at < this.#list.length) taken.push(take(this));
    return taken;
  }

  /** Headers in crossing form: `name LF value LF`, and so on. */
  headers(): string {
    const text = this.text();
    const parts = text.split('\n');
    if (parts.length % 2 !== 1 || parts.pop() !== '') throw new Violation('headers are malformed');
    for (let i = 0; i < parts.length; i++)
      if (!(i % 2 === 0 ? headerName : headerValue).test(parts[i] as string))
        throw new Violation('a header is malformed');
    return text;
  }

  /** There are no more. */
  end(): void {
    if (this.#at !== this.#list.length) throw new Violation('a message has another length');
  }
}
