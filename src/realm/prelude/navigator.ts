/** navigator of the realm: it names the runtime, and nothing else. https://html.spec.whatwg.org/#navigator */

import { defineInterface, illegalConstructor } from './webidl.ts';

const MAKE = {};

export class Navigator {
  readonly #userAgent = 'nanod';

  constructor(token: unknown = undefined) {
    if (token !== MAKE) throw illegalConstructor();
  }

  get userAgent(): string {
    return this.#userAgent;
  }
}

defineInterface(Navigator, 'Navigator');

/** The realm's one instance. */
export const navigator = new Navigator(MAKE);
