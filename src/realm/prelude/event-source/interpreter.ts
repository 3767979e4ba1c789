/** Events out of the text of an event stream. https://html.spec.whatwg.org/#event-stream-interpretation */

import {
  NumberParseInt,
  RangeErrorCtor,
  StringPrototypeCharCodeAt,
  StringPrototypeIncludes,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
} from '../primordials.ts';

/** Told what a stream says. */
export interface Interpreted {
  readonly onEvent: (type: string, data: string, lastEventId: string) => void;
  /** The time to wait before a connection is made again, in milliseconds. */
  readonly onRetry: (milliseconds: number) => void;
}

const LF = 10;
const CR = 13;

/** What one event may have, in characters: what never ends must not fill the memory. */
const LONGEST_EVENT = 16 * 1024 * 1024;

export class Interpreter {
  /** Of the last event that is complete. */
  lastEventId: string;
  readonly #told: Interpreted;
  #line = '';
  #afterCr = false;
  #data = '';
  #hasData = false;
  #type = '';
  #id: string;

  constructor(lastEventId: string, told: Interpreted) {
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
    this.#told = told;
  }

  /** Takes the next piece of text. Throws a RangeError for an event that is too long. */
  push(text: string): void {
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const code = StringPrototypeCharCodeAt(text, i);
      if (code !== LF && code !== CR) {
        this.#afterCr = false;
        continue;
      }
      if (code === LF && this.#afterCr) {
        this.#afterCr = false; // the second half of CR LF
      } else {
        this.#afterCr = code === CR;
        const line = this.#line + StringPrototypeSlice(text, start, i);
        this.#line = '';
        this.#processLine(line);
      }
      start = i + 1;
    }
    this.#line += StringPrototypeSlice(text, start);
    if (this.#line.length + this.#data.length > LONGEST_EVENT)
      throw new RangeErrorCtor('EventSource: an event is too long.');
  }

  #processLine(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return; // a comment
    if (colon === -1) {
      this.#processField(line, '');
      return;
    }
    const skip = StringPrototypeCharCodeAt(line, colon + 1) === 32 ? 2 : 1;
    this.#processField(StringPrototypeSlice(line, 0, colon), StringPrototypeSlice(line, colon + skip));
  }

  #processField(name: string, value: string): void {
    switch (name) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data = this.#hasData ? `${this.#data}\n${value}` : value;
        this.#hasData = true;
        break;
      case 'id':
        if (!StringPrototypeIncludes(value, '\0')) this.#id = value;
        break;
      case 'retry':
        if (isDigits(value)) this.#told.onRetry(NumberParseInt(value, 10));
    }
  }

  #dispatch(): void {
    const type = this.#type;
    const data = this.#data;
    const hasData = this.#hasData;
    this.lastEventId = this.#id;
    this.#type = '';
    this.#data = '';
    this.#hasData = false;
    if (hasData) this.#told.onEvent(type === '' ? 'message' : type, data, this.lastEventId);
  }
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = StringPrototypeCharCodeAt(text, i);
    if (code < 48 || code > 57) return false;
  }
  return text !== '';
}
