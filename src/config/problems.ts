/** Collects what is wrong with a configuration, so that all of it is reported at once. Runs in the supervisor. */
import { describePlace, makeError } from '../shared/errors.ts';
import type { ErrorCode, ErrorDetails, ErrorPlace, NanodError } from '../shared/errors.ts';
import { quote, shorten } from '../shared/text.ts';

/** Keys and indexes from the root of a configuration. */
export type ConfigPath = readonly (string | number)[];

/**
 * Finds where a path stands in the text of a file; `{}` where that is not known. A dialect that is turned into dialect 1 gives its own
 * `path` as well, which is then the one that the user sees.
 */
export type Locator = (path: ConfigPath) => ErrorPlace;

/** `apps[2].bindings.DB`; keys that are no identifiers are quoted: `bindings["a b"]`. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$]{0,79}$/u.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${quote(step)}]`;
  }
  return shorten(text, 400);
}

/** A place as the message of an error at another place names it. */
export function placeName(place: ErrorPlace): string {
  return describePlace(place) ?? 'another one';
}

/** The errors found so far. Beyond `limit` they are only counted. */
export class Problems {
  readonly #errors: NanodError[] = [];
  readonly #warnings: string[] = [];
  readonly #locate: Locator;
  readonly #limit: number;
  #more = 0;

  constructor({ locate = () => ({}), limit = 200 }: { locate?: Locator; limit?: number } = {}) {
    this.#locate = locate;
    this.#limit = limit;
  }

  get count(): number {
    return this.#errors.length + this.#more;
  }

  /** The path as a place for `report`, with its position in the file where that is known. */
  place(path: ConfigPath): ErrorPlace {
    const text = formatPath(path);
    return { ...(text === '' ? {} : { path: text }), ...this.#locate(path) };
  }

  /** Details may be a function, which is not called for an error that is only counted: suggestions are costly to find. */
  report<Code extends ErrorCode>(
    code: Code,
    details: ErrorDetails<Code> | (() => ErrorDetails<Code>),
    where: ConfigPath | ErrorPlace,
  ): void {
    if (this.#errors.length >= this.#limit) {
      this.#more += 1;
      return;
    }
    const facts = isThunk(details) ? details() : details;
    this.#errors.push(makeError(code, facts, isPath(where) ? this.place(where) : where));
  }

  /** Adds what is left out although it was written. */
  warn(where: ErrorPlace, text: string): void {
    const warning = `${placeName(where)}: ${text}`;
    if (this.#warnings.length < this.#limit && !this.#warnings.includes(warning))
      this.#warnings.push(warning);
  }

  /** Each with its place, on one line. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** Takes over errors that were found elsewhere. */
  adopt(errors: readonly NanodError[]): void {
    for (const error of errors) {
      if (this.#errors.length >= this.#limit) this.#more += 1;
      else this.#errors.push(error);
    }
  }

  /** All of them, in the order in which they were found, and how many were not kept. */
  list(): readonly NanodError[] {
    if (this.#more === 0) return [...this.#errors];
    return [...this.#errors, makeError('CONFIG_TOO_MANY_ERRORS', { more: this.#more })];
  }
}

function isPath(where: ConfigPath | ErrorPlace): where is ConfigPath {
  return Array.isArray(where);
}

function isThunk<Details>(details: Details | (() => Details)): details is () => Details {
  return typeof details === 'function';
}
