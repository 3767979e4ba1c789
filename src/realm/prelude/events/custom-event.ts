/** CustomEvent. https://dom.spec.whatwg.org/#interface-customevent */

import { defineInterface, requireArguments, toDictionary } from '../webidl.ts';
import { DISPATCHING, Event, eventFlags } from './event.ts';

export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent constructor');
    super(type, init);
    const detail = toDictionary<{ detail: unknown }>(init, 'CustomEvent constructor')?.detail;
    this.#detail = detail === undefined ? null : detail;
  }

  get detail(): unknown {
    return this.#detail;
  }

  initCustomEvent(
    type: unknown,
    bubbles: unknown = false,
    cancelable: unknown = false,
    detail: unknown = null,
  ): void {
    void this.#detail; // the brand check
    requireArguments(arguments.length, 1, 'CustomEvent.initCustomEvent');
    if ((eventFlags(this) & DISPATCHING) !== 0) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

defineInterface(CustomEvent, 'CustomEvent');
