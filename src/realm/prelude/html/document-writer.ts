/** Writes a document with its edits: knows which of its bytes are still to be passed on, and what is left out. */

import {
  MapCtor,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8ArrayCtor,
} from '../primordials.ts';
import { type Bytes, part } from '../fetch/body-pieces.ts';
import { type Content, type Edits, escapeValue } from './edits.ts';
import type { AttributeState, ElementState } from './element-state.ts';
import type { EndState } from './end-tokens.ts';
import type { Output } from './output.ts';
import type { CharacterState } from './text-tokens.ts';

export class DocumentWriter {
  readonly #output: Output;
  /** The document from offset `#base` on. */
  #window: Bytes = new Uint8ArrayCtor(0);
  #base = 0;
  /** Where it ends: the window's buffer may be gone with the output. */
  #end = 0;
  /** Up to where it has been written. */
  #written = 0;
  /** The element whose content is left out, or 0. */
  #removed = 0;
  /** Elements with something to do where they end. */
  readonly #open = new MapCtor<number, ElementState>();

  constructor(output: Output) {
    this.#output = output;
  }

  /** More of the document. */
  extend(piece: Bytes): void {
    const left = this.#end - this.#written;
    const added = TypedArrayPrototypeGetByteLength(piece);
    if (left === 0) this.#window = piece;
    else {
      const from = this.#written - this.#base;
      const both = new Uint8ArrayCtor(left + added);
      TypedArrayPrototypeSet(both, part(this.#window, from, from + left));
      TypedArrayPrototypeSet(both, piece, left);
      this.#window = both;
    }
    this.#base = this.#written;
    this.#end += added;
  }

  /** Passes on everything up to an offset that nobody will ask for again; the whole rest without one. */
  settle(offset: number | undefined): void {
    this.#passUntil(offset ?? this.#end);
  }

  #passUntil(offset: number): void {
    if (offset <= this.#written) return;
    if (!this.isRemoving)
      this.#output.add(part(this.#window, this.#written - this.#base, offset - this.#base));
    this.#written = offset;
  }

  /** Whether what comes is inside of what is left out. */
  get isRemoving(): boolean {
    return this.#removed !== 0;
  }

  element(state: ElementState): void {
    if (state.isEdited && !this.isRemoving) {
      this.#passUntil(state.start);
      this.#before(state.edits, () => this.#startTag(state));
      this.#after(state.edits, state.end);
    }
    if (state.isEmpty || !state.hasEnd) return;
    MapPrototypeSet(this.#open, state.id, state);
    if (!state.removesContent || this.isRemoving) return;
    this.#passUntil(state.end);
    this.#removed = state.id;
  }

  /** An element ends, with a tag that begins at `offset`. Gives what was to be done then. */
  closed(id: number, offset: number): ElementState | undefined {
    if (this.#removed === id) {
      this.#passUntil(offset);
      this.#removed = 0;
    }
    const state = MapPrototypeGet(this.#open, id);
    MapPrototypeDelete(this.#open, id);
    return state;
  }

  endTag(state: EndState): void {
    if (!state.isEdited || this.isRemoving) return;
    this.#passUntil(state.start);
    this.#before(state.edits, () => {
      if (state.isChanged) this.#output.addText(`</${state.name}>`);
      else this.#passUntil(state.end);
    });
    this.#after(state.edits, state.end);
  }

  characters(state: CharacterState): void {
    const { edits, isChanged, start, end } = state;
    if ((edits === undefined && !isChanged) || this.isRemoving) return;
    this.#passUntil(start);
    const self = (): void => {
      if (isChanged) this.#output.addText(`<!--${state.text}-->`);
      else this.#passUntil(end);
    };
    if (edits === undefined) self();
    else this.#before(edits, self);
    this.#after(edits, end);
  }

  /** What comes before, and then the token itself, or what replaces it. */
  #before(edits: Edits, self: () => void): void {
    this.#contents(edits.before);
    if (!edits.removed) self();
    else if (edits.replacement !== undefined) this.#output.addContent(edits.replacement);
  }

  #after(edits: Edits | undefined, end: number): void {
    this.#written = end;
    if (edits === undefined) return;
    for (let i = edits.after.length - 1; i >= 0; i--) this.#output.addContent(edits.after[i] as Content);
  }

  #contents(contents: readonly Content[]): void {
    for (let i = 0; i < contents.length; i++) this.#output.addContent(contents[i] as Content);
  }

  #startTag(state: ElementState): void {
    if (!state.isChanged) {
      this.#passUntil(state.end);
      return;
    }
    const { attributes, isSelfClosing } = state;
    this.#output.addText(`<${state.name}`);
    for (let i = 0; i < attributes.length; i++) this.#attribute(attributes[i] as AttributeState);
    // The space keeps the slash out of an unquoted value.
    const end = attributes.length > 0 ? ' />' : '/>';
    this.#output.addText(isSelfClosing ? end : '>');
  }

  #attribute({ name, value, start, end }: AttributeState): void {
    if (start === -1) {
      this.#output.addText(` ${name}="${escapeValue(value)}"`);
      return;
    }
    this.#output.addText(' ');
    this.#output.add(part(this.#window, start - this.#base, end - this.#base));
  }
}
