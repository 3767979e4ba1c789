/** The handlers that a worker has given to an HTMLRewriter, and the plan that they are told to the host as. */

import { newBareArray } from '../bare-array.ts';
import { JSONStringify } from '../primordials.ts';
import { type Callback, toCallback } from '../streams/callbacks.ts';
import { toDictionary } from '../webidl.ts';
import type { HandlerPlan } from './plan.ts';

/** The handlers of one call of `on` or `onDocument`. They are called as methods of the object that they came in. */
export class Handlers {
  readonly selector: string | null;
  readonly self: object | undefined;
  element: Callback | undefined = undefined;
  comments: Callback | undefined = undefined;
  text: Callback | undefined = undefined;
  doctype: Callback | undefined = undefined;
  end: Callback | undefined = undefined;

  constructor(selector: string | null, self: object | undefined) {
    this.selector = selector;
    this.self = self;
  }

  /** As HandlerPlan. */
  get plan(): string {
    return JSONStringify({
      __proto__: null,
      selector: this.selector,
      element: this.element !== undefined,
      comments: this.comments !== undefined,
      text: this.text !== undefined,
      doctype: this.doctype !== undefined,
    } satisfies HandlerPlan & { __proto__: null });
  }
}

/** Throws a TypeError for a member that is no function. */
export function toElementHandlers(selector: string, value: unknown): Handlers {
  const where = 'HTMLRewriter.on';
  const given = toDictionary<Record<string, unknown>>(value, where);
  const handlers = new Handlers(selector, given);
  if (given === undefined) return handlers;
  handlers.comments = toCallback(given['comments'], where, 'comments');
  handlers.element = toCallback(given['element'], where, 'element');
  handlers.text = toCallback(given['text'], where, 'text');
  return handlers;
}

/** The same for those of a document. */
export function toDocumentHandlers(value: unknown): Handlers {
  const where = 'HTMLRewriter.onDocument';
  const given = toDictionary<Record<string, unknown>>(value, where);
  const handlers = new Handlers(null, given);
  if (given === undefined) return handlers;
  handlers.comments = toCallback(given['comments'], where, 'comments');
  handlers.doctype = toCallback(given['doctype'], where, 'doctype');
  handlers.end = toCallback(given['end'], where, 'end');
  handlers.text = toCallback(given['text'], where, 'text');
  return handlers;
}

/** Those for selectors come first, as they are called. */
export function inOrder(given: readonly Handlers[]): readonly Handlers[] {
  const ordered = newBareArray<Handlers>();
  for (let i = 0; i < given.length; i++) {
    const handlers = given[i] as Handlers;
    if (handlers.selector !== null) ordered[ordered.length] = handlers;
  }
  for (let i = 0; i < given.length; i++) {
    const handlers = given[i] as Handlers;
    if (handlers.selector === null) ordered[ordered.length] = handlers;
  }
  return ordered;
}

/** JSON of the HtmlPlan. */
export function planOf(ordered: readonly Handlers[]): string {
  let plan = '';
  for (let i = 0; i < ordered.length; i++) plan += `${i === 0 ? '' : ','}${(ordered[i] as Handlers).plan}`;
  return `[${plan}]`;
}
